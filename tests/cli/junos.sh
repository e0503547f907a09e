#!/bin/sh
# SPDX-License-Identifier: ISC
# A Junos fabric: what health checks allow can be set otherwise (each of them: junos-health.sh); then
# the whole fabric, with a failed install on the way. The lab's log proves order, pairs and reboots.
. "${srcdir:-.}/tests/cli/lib.sh"

TO=23.4R2-S3.9
lab_up junos-clos || finish
lab_images

# A person at its terminal: modes, prompts, a question
port=$(sed -n 's/.*"port":[^0-9]*\([0-9]*\).*/\1/p' "$L/inventory.json" | head -n 1)
printf 'configure\rset interfaces ae1 disable\rrollback 0\rexit\rrequest system reboot\rno\rexit\r' |
	timeout 30 ssh -tt -F none -o "UserKnownHostsFile=$L/known_hosts" -o IdentitiesOnly=yes \
		-i "$L/id_ed25519" -p "$port" admin@127.66.0.11 >"$TMP/out" 2>"$TMP/err"
shown 'admin@leaf1> ' && shown '[edit]' && shown 'admin@leaf1# ' && shown 'load complete'
shown 'Reboot the system ? [yes,no] (no) '

# fault, message, what makes it pass all the same
n=0
while read -r fault set text; do
	n=$((n + 1))
	expect 0 lab fault --dir "$L" "leaf1:$fault"
	expect 3 check --to $TO --hosts leaf1 --name "h$n" && shown "$text"
	expect 0 check --to $TO --hosts leaf1 --name "o$n" --set "$set"
	expect 0 lab fault --dir "$L" --clear leaf1
done <<'EOF'
bgp-flaps=5 bgp-flap-count=5 has flapped more than 4 times
cpu-busy=59 re-cpu-idle=59 is less than 60 % idle
fpc-busy=51 fpc-cpu=51 uses more than 50 % of its CPU
fpc-heap=46 fpc-heap=46 uses more than 45 % of its heap
EOF
[ $n -eq 4 ] || fail "$n faults"
# BGP with both of its parameters
expect 0 lab fault --dir "$L" leaf3:link-down=et-0/0/51
expect 3 check --to $TO --hosts leaf3 --name bgp
shown 'A BGP peer of leaf3 is not established' && shown 'More than 0 BGP peers of leaf3 are down'
expect 0 check --to $TO --hosts leaf3 --name bgp-off --set bgp-state-check=no --set bgp-down-count=2
expect 0 lab fault --dir "$L" --clear leaf3
# a minor alarm warns
expect 0 lab fault --dir "$L" leaf1:rescue-alarm
expect 0 check --to $TO --hosts leaf1 --name minor && shown 'request system configuration rescue save'
# the configuration, and the way back in versions
expect 0 lab fault --dir "$L" leaf1:config-open
expect 3 check --to $TO --hosts leaf1 --name open && shown 'Somebody edits the configuration of leaf1'
expect 0 lab fault --dir "$L" --clear leaf1
expect 3 check --to 20.4R3-S9 --hosts leaf1 --name older && shown 'it is older'
expect 3 check --to 21.4X53-D70 --hosts leaf1 --name branch && shown 'another branch or system'

# The whole fabric; leaf2 does not take the image at first
expect 0 lab fault --dir "$L" leaf2:install-failsx1
expect 4 upgrade --to $TO --name all --yes && shown 'fails requirements check'
expect 0 show all && grep -q '^leaf2 .*failed' "$TMP/out" || fail 'leaf2 has not failed'
expect 0 retry all leaf2
all_done() {
	"$PROG" --state "$S" show all 2>/dev/null | grep -q '^Job "all".*: done: 7 done'
}
wait_for 120 all_done || { fail 'not all are done'; "$PROG" --state "$S" show all >&2; }
log=$L/lab.log
if grep -q violation "$log"; then fail "violations: $(grep violation "$log")"; fi
for device in leaf1 leaf2 leaf3 leaf4 spine1 spine2 border1; do
	[ "$(grep -c "\"device\":\"$device\",\"event\":\"reboot\"" "$log")" -eq 1 ] ||
		fail "$device: not one reboot"
done
# leafs, then spines, then the rest; and what was made worse is as it was
order=$(sed -n 's/.*"device":"\([a-z]*\)[0-9]*","event":"reboot".*/\1/p' "$log" | uniq | tr '\n' ' ')
[ "$order" = "leaf spine border " ] || fail "order: $order"
# the peer of each leaf was prepared first (the lab calls anything else a violation), and let go
for device in leaf1 leaf2 leaf3 leaf4; do
	peer_was='accepts rejects '
	[ $device != leaf1 ] || peer_was='accepts rejects accepts rejects ' # leaf2 went twice
	said=$(sed -n "s/.*\"device\":\"$device\",\"event\":\"\(accepts\|rejects\)\".*/\1/p" "$log" |
		tr '\n' ' ')
	[ "$said" = "$peer_was" ] || fail "$device as a peer: $said"
done
for device in leaf1 leaf2 leaf3 leaf4 spine1 spine2 border1; do
	grep "\"device\":\"$device\",\"event\":\"\(un\)*drain\"" "$log" | tail -n 1 |
		grep -q undrain || fail "$device is still drained"
done
finish
