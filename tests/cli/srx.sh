#!/bin/sh
# SPDX-License-Identifier: ISC
# Chassis clusters: what keeps an in-service upgrade from being started; each error in the middle of
# one, with the guided way back to one version; then both clusters upgraded. The lab's log proves that
# an upgrade is started once, that only the named node is rolled back, and one reboot a node.
. "${srcdir:-.}/tests/cli/lib.sh"

TO=23.4R2-S3.9
FROM=22.4R3-S2.11
lab_up srx-pairs || finish
lab_images

# One node brings the other; who leads is said, and that it is one unit
expect 0 plan --to $TO --hosts fw1-node1 --name whole && shown 'led by fw1-node0 (fw1)'
shown 'fw1-node0 comes along: it is upgraded as one with fw1-node1 (group fw1)'

# --- nobody is given up too early: three hours for the whole, 45 minutes for a node that boots
expect 0 procedure show junos-issu
limit_is() { # step limit
	grep -q "^$1 .* $2  " "$TMP/out" || fail "$1: not $2: $(grep "^$1 " "$TMP/out")"
}
limit_is issu 3h00m
limit_is last-look 45m00s
limit_is wait-boot 45m00s
limit_is wait-peer 45m00s

# --- fault, what the checks say
n=0
while read -r fault text; do
	n=$((n + 1))
	expect 0 lab fault --dir "$L" "$fault"
	expect 3 check --to $TO --hosts 'fw1*' --name "c$n" && shown "$text"
	expect 0 lab fault --dir "$L" --clear "${fault%%:*}"
done <<'END'
fw1-node1:rg-priority-zero=1 has the priority 0
fw1-node0:rg-ineligible=1 is neither primary nor secondary
fw1-node1:node-disabled=1 is neither primary nor secondary
fw1-node0:control-link-down A link between the nodes is down
fw1-node1:cpu-busy=15 The routing engine of fw1-node1 is busier than 80 %
fw1-node0:config-open Somebody edits the configuration of fw1-node0
fw1-node1:system-alarm fw1-node1 has a system alarm
fw1-node1:chassis-alarm fw1-node1 has a chassis alarm
fw1-node1:fabric-link-down A monitor of fw1-node0 reports a failure
fw1-node1:disk-full There is not enough space on fw1-node1 for twice the image
END
[ $n -eq 10 ] || fail "$n faults"
expect 0 lab fault --dir "$L" fw1-node1:cpu-busy=50
expect 0 check --to $TO --hosts 'fw1*' --name busy && shown 'busier than 40 %'
expect 0 lab fault --dir "$L" --clear fw1-node1
expect 0 lab fault --dir "$L" fw1-node1:pic-offline
expect 0 check --to $TO --hosts 'fw1*' --name card && shown 'A card of fw1-node1 is not online: '
expect 0 lab fault --dir "$L" --clear fw1-node1
# another node answers than the one that is meant
sed 's/127\.66\.0\.70/x/; s/127\.66\.0\.71/127.66.0.70/; s/"x"/"127.66.0.71"/' "$L/inventory.json" >"$TMP/swapped"
expect 0 inventory import "$TMP/swapped"
expect 3 check --to $TO --hosts 'fw1*' --name swapped && shown 'The device at 127.66.0.70 calls itself fw1-node0, not fw1-node1'
expect 0 inventory import "$L/inventory.json"
# somebody's upgrade; given up, the cluster is well again
on_node() { # address command
	ssh -F none -o "UserKnownHostsFile=$L/known_hosts" -o IdentitiesOnly=yes -i "$L/id_ed25519" \
		-p "$port" "admin@$1" "$2" >>"$TMP/ssh" 2>&1 </dev/null
}
port=$(sed -n 's/.*"port":[^0-9]*\([0-9]*\).*/\1/p' "$L/inventory.json" | head -n 1)
expect 0 lab fault --dir "$L" fw1-node0:issu-busy
expect 3 check --to $TO --hosts 'fw1*' --name taken && shown 'is held by an in-service upgrade'
on_node 127.66.0.70 'request chassis cluster in-service-upgrade abort'
on_node 127.66.0.71 'request chassis cluster in-service-upgrade abort'
expect 0 lab fault --dir "$L" --clear fw1-node0
on_node 127.66.0.70 'configure; set routing-options static route 10.9.0.0/16 discard; commit confirmed 60'
expect 3 check --to $TO --hosts 'fw1*' --name unsure && shown 'A commit of fw1-node0 waits for its confirmation'
on_node 127.66.0.70 'configure; commit and-quit'
on_node 127.66.0.70 'configure; delete routing-options graceful-restart;
set routing-options static route 10.0.0.0/8 discard; commit and-quit'
expect 0 check --to $TO --hosts 'fw1*' --name graceful
shown 'Graceful restart is not configured on fw1-node0'
expect 3 check --to 21.4R3-S5 --hosts 'fw1*' --name older && shown 'never goes to an older version'
expect 3 check --to 22.4X53-D70 --hosts 'fw1*' --name branch && shown 'another branch or system'
wait_for 60 "$PROG" --state "$S" check --to $TO --hosts 'fw1*,fw2*' --name well ||
	fail 'the clusters are not well'

log=$L/lab.log
events() { # device event: how many
	grep -c "\"device\":\"$1\",\"event\":\"$2\"" "$log"
}
is_job() { # job words
	"$PROG" --state "$S" show "$1" 2>/dev/null | grep -q "^Job \"$1\".*: $2"
}
# one job on both clusters, each of which meets a fault; what each says
try() { # job fault-of-fw1 text fault-of-fw2 text
	expect 0 lab fault --dir "$L" "$2"
	expect 0 lab fault --dir "$L" "$4"
	"$PROG" --state "$S" upgrade --to $TO --hosts 'fw*' --name "$1" --yes \
		>"$TMP/out" 2>"$TMP/err" </dev/null
	is_job "$1" failed || fail "job $1 has not failed"
	shown "$3"
	shown "$5"
}

# --- refused at the start: nothing is changed, nothing reboots
try one fw1-node0:image-gone 'The image is not on fw1-node0' \
	fw2-node0:image-corrupt 'fw2-node0 says that the image is corrupt'
try two fw1-node0:rg-failover-fails 'A redundancy group of fw1 could not be moved' \
	fw2-node0:ksyncd-error 'The kernel of the other node of fw2-node0 is not in step'
try three fw1-node1:install-fails 'The image could not be installed on a node of fw1' \
	fw2-node0:validate-fails 'The new version does not take the configuration of fw2'
for device in fw1-node0 fw1-node1 fw2-node0 fw2-node1; do
	[ "$(events $device reboot)" -eq 0 ] || fail "$device rebooted"
done

# --- in the middle: one node is new, or half way. The five steps bring them to one version
back() { # job device newer-node: the one command names that node; "": neither is newer
	said=$(grep -c 'request system software rollback' "$log")
	"$PROG" --state "$S" rollback "$1" "$2" >"$TMP/out" 2>"$TMP/err" </dev/null
	grep -q "$2 *rolled back" "$TMP/out" || { fail "$1: $2 is not rolled back"; cat "$TMP/out" >&2; }
	grep 'request system software rollback' "$log" | tail -n +$((said + 1)) >"$TMP/said"
	[ -n "$3" ] || { [ ! -s "$TMP/said" ] || fail "$1: $(cat "$TMP/said")"; return; }
	[ "$(wc -l <"$TMP/said")" -eq 1 ] || fail "$1: not one rollback"
	grep -q "software rollback node ${3#*node}" "$TMP/said" || fail "$1: not $3: $(cat "$TMP/said")"
}
well() { # both nodes run the old version, and nobody is in an upgrade
	for device in fw1-node0 fw1-node1 fw2-node0 fw2-node1; do
		runs $device $FROM
	done
	expect 0 check --to $TO --hosts 'fw*' --name "$1"
}
runs() { # device version
	now=$(sed -n "s/.*\"device\":\"$1\",\"event\":\"up\",\"detail\":\"\(.*\)\".*/\1/p" "$log" |
		tail -n 1)
	[ "$now" = "$2" ] || fail "$1 runs $now"
}
# somebody begins one while the image is copied: ours is refused, and the way back gives theirs up
deleted=$(grep -c 'admin: file delete /var/tmp/junos-' "$log")
expect 0 lab fault --dir "$L" fw1-node0:issu-busy@upload
expect 1 upgrade --to $TO --hosts 'fw1*' --name begun --yes
shown 'An in-service upgrade is in progress on fw1 already'
shown 'fw1-node0 may still be at it: "Remove the image" is not done'
[ "$(grep -c 'admin: file delete /var/tmp/junos-' "$log")" -eq "$deleted" ] || fail 'their image is gone'
expect 0 lab fault --dir "$L" --clear fw1-node0
back begun fw1-node0 ''
# what is told while it goes on is in the lines of the job
try four fw1-node1:cold-sync-stuck 'is upgraded and does not get in step (error 6.1)' \
	fw2-node1:issu-reboot-fails 'did not come back from its reboot (error 4.1)'
shown 'peer copy (20 %)' && shown 'peer syncs (50 %)'
shown 'waits for fw1-node0, which leads its unit and failed: retry it, or roll it back'
"$PROG" --state "$S" errors four >"$TMP/out" 2>&1
shown "hitless rollback 'four' fw2-node0" && shown 'Reboot the rolled back node'
expect 0 lab fault --dir "$L" --clear fw1-node1
back four fw1-node1 fw1-node1
back four fw2-node0 fw2-node1
expect 0 show four && shown 'its unit went back to the old version with fw2-node0'
well four-well
# somebody has ordered another version for the next boot
on_node 127.66.0.71 'request system software rollback node 1'
expect 3 check --to $TO --hosts 'fw1*' --name ordered
shown "fw1-node1 is already set to boot another version: " && shown 'request system software rollback node 1 on fw1-node1'
on_node 127.66.0.71 'request system software rollback node 1'
[ "$(events fw1-node0 reboot)$(events fw2-node0 reboot)" = 00 ] ||
	fail 'a node with the older version rebooted'
try five fw1-node0:issu-failover-fails 'was refused (error 7.1)' \
	fw2-node0:chassisd-error 'a process was not ready'
back five fw1-node0 fw1-node1
back five fw2-node0 fw2-node1
well five-well

# --- it stands still, and its session is lost: the limit is told, and asked now it is the operator's
# question. What is given up ends after what it does; then the way back goes on
expect 0 lab fault --dir "$L" fw1-node0:issu-hangs=4
stages=$(grep -c '"event":"issu-stage","detail":"fw1 4 ' "$log")
"$PROG" --state "$S" upgrade --to $TO --hosts 'fw1*' --name six --yes >"$TMP/six" 2>&1 </dev/null &
stands() { [ "$(grep -c '"event":"issu-stage","detail":"fw1 4 ' "$log")" -gt "$stages" ]; }
wait_for 60 stands || fail 'it does not stand still'
process_of() {
	"$PROG" --state "$S" show six | sed -n 's/^Process: .*pid \([0-9]*\).*/\1/p'
}
pid=$(process_of)
kill -9 "$pid"
another() { now=$(process_of) && [ -n "$now" ] && [ "$now" != "$pid" ]; }
wait_for 60 another || fail 'nobody goes on with it'
expect 0 show six && shown '/3h '
expect 0 ask six fw1-node0
said_so() {
	"$PROG" --state "$S" show six 2>/dev/null |
		grep -q 'was asked for and is not over: it is still under way'
}
wait_for 60 said_so || fail 'nothing was asked'
expect 0 answer six 1 fail
wait # for who followed it
is_job six failed || fail 'six has not failed'
expect 0 lab fault --dir "$L" --clear fw1-node0
back six fw1-node0 ''
well six-well

# --- and now to the end: the same job again; on the other cluster the old primary does not reboot
starts=$(events fw1-node0 issu-start)
before=$(grep -c '"event":"reboot"' "$log")
# and on the first the session is lost in the middle, without an end of the upgrade
expect 0 lab fault --dir "$L" fw2-node0:primary-stays
expect 0 lab fault --dir "$L" fw1-node0:issu-drops=6
expect 0 retry five
wait_for 120 is_job five 'done: 4 done' ||
	{ fail 'five is not done'; "$PROG" --state "$S" show five >&2; }
# (it stayed: it was looked at before it was rebooted)
expect 0 show five --device fw2-node0 && shown 'See whether the old primary reboots by itself'
[ "$(events fw1-node0 issu-start)" -eq $((starts + 1)) ] || fail 'not one upgrade'
[ "$(grep -c '"event":"reboot"' "$log")" -eq $((before + 4)) ] || fail 'not one reboot a node'
for device in fw1-node0 fw1-node1 fw2-node0 fw2-node1; do
	runs $device $TO
done
# the secondary first, then the switchover, then the old primary, then back to node 0
order=$(grep -E '"device":"fw1-node[01]","event":"(installed|failover)"' "$log" | tail -n 8 |
	sed -E 's/.*"device":"fw1-(node[01])","event":"([a-z]+)","detail":"(fw1 )?(redundancy-group )?([^ ":]*).*/\1 \2 \5/' |
	grep -E "installed|failover 0" | tail -n 4 | tr '\n' ',')
[ "$order" = "node1 installed $TO,node1 failover 0,node0 installed $TO,node0 failover 0," ] ||
	fail "order: $order"
# policies, interfaces and groups are as they were
expect 0 --json snapshot compare five && shown '"element":"Policy"' && not_shown '"class":"real"'
# both are new: there is nothing to roll back, and nobody tries
said=$(grep -c 'request system software rollback' "$log")
"$PROG" --state "$S" rollback five fw1-node0 >"$TMP/out" 2>"$TMP/err" </dev/null
said 'fw1-node0 is done and cannot go back: both nodes run the new version'
expect 0 show five && shown '4 done' # it was no try that failed
[ "$(grep -c 'request system software rollback' "$log")" -eq "$said" ] || fail 'rolled back'
if grep -q violation "$log"; then fail "violations: $(grep violation "$log")"; fi
finish
