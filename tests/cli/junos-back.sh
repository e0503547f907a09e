#!/bin/sh
# SPDX-License-Identifier: ISC
# Junos devices whose upgrade goes wrong, or back: one install and one reboot whatever is lost, nothing
# that serves is rebooted, and what the operator had set is as he had it. What comes back with the
# rest (line cards, counters, members of bundles) is compared with what was there before.
. "${srcdir:-.}/tests/cli/lib.sh"

TO=23.4R2-S3.9
lab_up junos-clos || finish
lab_images
log=$L/lab.log

on() { # DEVICE COMMANDS: as the operator, by hand
	port=$(sed -n 's/.*"port":[^0-9]*\([0-9]*\).*/\1/p' "$L/inventory.json" | head -n 1)
	number=$(awk -v d="$1" -F'"' '/"name"/ {n = $4} /"address"/ && n == d {print $4}' "$L/inventory.json")
	ssh -F none -o "UserKnownHostsFile=$L/known_hosts" -o IdentitiesOnly=yes -i "$L/id_ed25519" \
		-p "$port" "admin@$number" "$2" </dev/null >"$TMP/on" 2>&1
}
happened() { # DEVICE EVENT: how often
	grep -c "\"device\":\"$1\",\"event\":\"$2\"" "$log"
}
once() { # DEVICE EVENT...
	device=$1
	shift
	for event in "$@"; do
		[ "$(happened "$device" "$event")" -eq 1 ] ||
			fail "$device: $(happened "$device" "$event") times $event"
	done
}
config_of() { # DEVICE
	on "$1" 'show configuration | display set | no-more'
	sort "$TMP/on" >"$TMP/config.$1"
}

# A bundle that the operator has disabled stays so; a line card that was offline before may stay offline;
# errors that were counted before a reboot are no new ones
on leaf1 'configure; set interfaces ae2 disable; commit and-quit'
expect 0 lab fault --dir "$L" leaf1:pic-offline
expect 0 lab fault --dir "$L" leaf1:input-errors=9
config_of leaf1
cp "$TMP/config.leaf1" "$TMP/config.before"
grep -q '^set interfaces ae2 disable' "$TMP/config.before" || fail 'ae2 is not disabled'
# (the session is lost during the install: the device is asked, and not told again)
expect 0 lab fault --dir "$L" 'leaf1:drops-during=software add'
expect 0 upgrade --to $TO --hosts leaf1 --name by-hand --yes
shown 'the device is asked what became of it' && shown 'hitless: yes'
config_of leaf1
cmp -s "$TMP/config.before" "$TMP/config.leaf1" ||
	fail "leaf1 is changed: $(diff "$TMP/config.before" "$TMP/config.leaf1")"
once leaf1 install staged reboot
expect 0 lab fault --dir "$L" --clear leaf1
on leaf1 'configure; delete interfaces ae2 disable; commit and-quit'

# Rolled back on request: drained first, rebooted once more
expect 0 rollback by-hand leaf1 && shown 'rolled back' && shown 'hitless: yes'
[ "$(happened leaf1 reboot)" -eq 2 ] || fail "leaf1: $(happened leaf1 reboot) reboots"
[ "$(happened leaf1 undrain)" -eq 2 ] || fail 'leaf1 was not drained before the way back'
on leaf1 'show version' && grep -q '^Junos: 21.4R3-S5.4' "$TMP/on" || fail 'leaf1 is not back'

# By itself after a failure; what fails on the old version, too, is no failure of the way back
expect 0 lab fault --dir "$L" leaf3:system-alarm@reboot
expect 1 upgrade --to $TO --hosts leaf3 --name by-itself --set rollback=yes --yes
shown 'leaf3 has a system alarm after the upgrade' && shown '1 rolled back' && not_shown 'The new version runs'
on leaf3 'show version' && grep -q '^Junos: 21.4R3-S5.4' "$TMP/on" || fail 'leaf3 is not back'
expect 0 lab fault --dir "$L" --clear leaf3
if grep -q violation "$log"; then fail "violations: $(grep violation "$log")"; fi

# It is rebooting and not back in time: nothing is rolled back on what may run the new version
expect 1 upgrade --to $TO --hosts spine2 --name late --timeout wait-boot=316 --yes
not_shown 'request system software rollback | no-more'
[ "$(happened spine2 rollback)" -eq 0 ] || fail 'spine2 was told to roll back'
came() { on spine2 'show version' && grep -q "^Junos: $TO" "$TMP/on"; }
wait_for 60 came || fail 'spine2 does not run the new version'
grep -q '^Pending' "$TMP/on" && fail 'another version is pending on spine2'

settled() { on leaf1 'show bgp summary' && grep -q 'Down peers: 0' "$TMP/on"; }
wait_for 60 settled || fail 'the sessions of leaf1 are not back'

# Gone for good: its peer is put back all the same, and each thing that was not tried is named
expect 0 lab fault --dir "$L" leaf1:never-returns
expect 1 upgrade --to $TO --hosts leaf1 --name gone --timeout wait-boot=330 --yes
shown 'could not be done (not tried). Do it by hand on the device' && not_shown 'on the peers ('
on leaf2 'show configuration policy-options | display set | no-more'
grep -q HITLESS-PEER "$TMP/on" && fail 'leaf2 is still a peer in maintenance'
expect 0 lab fault --dir "$L" --clear leaf1
came() { on leaf1 'show version' && grep -q '^Junos:' "$TMP/on"; }
wait_for 60 came || fail 'leaf1 is not back'
settled() { on leaf3 'show bgp summary' && grep -q 'Down peers: 0' "$TMP/on"; }
wait_for 60 settled || fail 'the sessions of leaf3 are not back'

# A peer that has lost a bundle whole, or all members of one, cannot carry its traffic
on leaf4 'configure; delete interfaces ae1; delete interfaces et-0/0/1; commit and-quit'
expect 3 check --to $TO --hosts leaf3 --name lost
shown 'is on no bundle' && shown 'A multihomed bundle is down on a peer of leaf3'
on leaf4 'configure; rollback 1; commit and-quit'
expect 0 check --to $TO --hosts leaf3 --name found
on leaf3 'configure; delete interfaces et-0/0/2; commit and-quit'
expect 3 check --to $TO --hosts leaf3 --name no-member && shown 'ae2 has no member'
on leaf3 'configure; rollback 1; commit and-quit'
# Whoever has ordered something that is still open is not overrun
on leaf3 'configure; set interfaces ae2 description another; commit confirmed 60; exit'
expect 3 check --to $TO --hosts leaf3 --name unconfirmed
shown 'A commit of leaf3 waits for its confirmation'
on leaf3 'configure; commit and-quit'
on leaf3 'request system software rollback'
expect 3 check --to $TO --hosts leaf3 --name pending
shown 'leaf3 is already set to boot another version: unexpected "Pending: '
on leaf3 'request system software rollback'

# An ESI that nobody wrote is known by what the devices say of EVPN
for device in leaf3 leaf4; do
	on $device 'configure; delete interfaces ae1 esi; set interfaces ae1 esi auto-derive type-1-lacp; set interfaces ae1 esi all-active; commit and-quit'
done
expect 0 check --to $TO --hosts leaf3 --name derived && shown 'hitless: yes'
expect 0 lab fault --dir "$L" leaf4:lacp-down=ae1
expect 3 check --to $TO --hosts leaf3 --name derived-peer
shown 'A multihomed bundle is down on a peer of leaf3: unexpected "01:'
expect 0 lab fault --dir "$L" --clear leaf4
expect 0 lab fault --dir "$L" leaf3:lacp-down=ae1
expect 3 check --to $TO --hosts leaf3 --name derived-own
shown 'A multihomed bundle of leaf3 is down: unexpected "ae1 Detached"'
expect 0 lab fault --dir "$L" --clear leaf3
for device in leaf3 leaf4; do
	on $device 'configure; rollback 1; commit and-quit'
done
# the peer that is down is named, not a path in its answer
expect 0 lab fault --dir "$L" leaf3:link-down=et-0/0/51
expect 3 check --to $TO --hosts leaf3 --name named && shown 'for BGP peer "10.99.' && not_shown '/bgp-peer/'
expect 0 lab fault --dir "$L" --clear leaf3

# A health parameter can be changed when a device is tried again, what the plan was made with cannot
expect 0 lab fault --dir "$L" border1:cpu-busy=59@upload
expect 1 upgrade --to $TO --hosts border1 --name changed --yes && shown 'hitless retry --set'
for wrong in drain=no re-cpu-idle=101 re-cpu-idle nothing=1; do
	"$PROG" --state "$S" retry changed border1 --set $wrong >/dev/null 2>"$TMP/err" </dev/null &&
		fail "it took $wrong"
done
expect 0 retry changed border1 --set re-cpu-idle=59 && shown '1 done' && shown 'retry border1 re-cpu-idle=59'
expect 0 bundle changed --output "$TMP/changed.tar.gz"
tar -xzOf "$TMP/changed.tar.gz" --wildcards '*/journal.jsonl' | grep '"verb":"retry"' |
	grep -q '"text":"re-cpu-idle=59"' || fail 'the journal does not hold the new value'
once border1 reboot
# and whoever reads the job sees which value was in force for which try
set='re-cpu-idle is 59, not 60, since '
expect 0 show changed && shown "$set" && shown 'for try 2 of border1'
expect 0 show changed --device border1
awk -v set="$set" '/Health Check Failed/ && !failed {failed = NR} index($0, set) {is = NR}
	/done.*[(]again[)]/ && !again {again = NR} END {exit !(failed < is && is < again)}' "$TMP/out" ||
	fail 'the new value does not stand between the tries'
expect 0 --json show changed && shown '"set_later"'
expect 0 report changed --format text && shown "$set"
expect 0 report changed --format html && shown "$set"

expect 0 report changed --format json --output "$TMP/changed.json"
grep -q '"re-cpu-idle":[[:space:]]*"60"' "$TMP/changed.json" || fail 'what was asked for at first is lost'
if command -v python3 >/dev/null; then
	python3 "${srcdir:-.}/tests/cli/schema.py" "$HITLESS_DATA_DIR/cli/report.schema.json" \
		"$TMP/changed.json" || fail 'the report is not as its schema says'
fi
printf '%s\n' 'follow changed' 'open live' 'until border1' 'key Enter' "until Set: $set" >"$TMP/script"
tests/tui/drive --state "$S" --out "$TMP" --wall "$(date +%s)000" --processes --uncut "$TMP/script" \
	>"$TMP/out" 2>&1 || fail "the screen of the device does not say it: $(cat "$TMP/out")"

# Where the host of a switch stages the image, only the log of installs tells: a session that is lost
# finds it there, and nothing is installed again
expect 0 lab fault --dir "$L" leaf4:staged-by-host
expect 0 lab fault --dir "$L" 'leaf4:drops-during=software add'
expect 0 upgrade --to $TO --hosts leaf4 --name staged --yes
shown 'the device is asked what became of it' && shown 'hitless: yes'
once leaf4 install staged installed reboot
expect 0 check --to $TO --hosts leaf4 --set reinstall=yes --name booted # what is in the log was booted
# what it staged cannot be taken back from here: that is said, and seen the next time
expect 0 lab fault --dir "$L" --clear border1
expect 0 lab fault --dir "$L" border1:staged-by-host
on border1 'request system reboot in 600'
expect 1 upgrade --to $TO --hosts border1 --set reinstall=yes --name not-booted --yes
shown 'border1 refused the reboot'
shown "the host of the switch has staged $TO, which boots next"
[ "$(happened border1 rollback)" -eq 0 ] || fail 'border1 was told to roll back'
on border1 'clear system reboot'
expect 3 check --to $TO --hosts border1 --set reinstall=yes --name other
shown 'The host of border1 is already set to boot another version' && shown 'show log install on border1'

# The lab sees it when a device goes down with its traffic
if grep -q violation "$log"; then fail "violations: $(grep violation "$log")"; fi
expect 0 upgrade --to $TO --hosts spine1 --name undrained --set drain=no --yes
shown '! not hitless: 1 of 1 devices'
grep -q 'rebooted-under-traffic spine1' "$log" || fail 'no violation of spine1'

# Where Junos runs on a VM host, both are installed and rebooted by commands of their own; which version
# boots next cannot be asked there, so that a person chooses it for the way back
"$PROG" lab down --dir "$L" >/dev/null 2>&1
L=$TMP/vmhost S=$TMP/vmhost-state log=$L/lab.log
lab_up junos-clos --platform mx || finish
lab_images
expect 0 image list && shown junos-vmhost-install-mx-x86-64-$TO
expect 0 lab fault --dir "$L" 'leaf1:drops-during=vmhost software add'
expect 0 upgrade --to $TO --hosts leaf1 --name host --yes
shown 'the device is asked what became of it' && shown 'hitless: yes'
once leaf1 install staged installed reboot
for command in 'software validate' 'software add' reboot; do
	[ "$(grep -c "admin: request vmhost $command" "$log")" -eq 1 ] || fail "not one vmhost $command"
done
if grep -q 'admin: request system' "$log"; then fail 'a command for Junos alone was sent'; fi
# what is on its disks is not chosen by a program: it is said what boots next
on leaf3 'request system reboot in 600'
expect 1 upgrade --to $TO --hosts leaf3 --name left --yes
shown 'leaf3 refused the reboot' && shown "the host has $TO on its other disk set, which boots next"
"$PROG" --state "$S" rollback host leaf1 >"$TMP/out" 2>&1 </dev/null
shown 'Give request vmhost software rollback there once'
once leaf1 reboot
if grep -q violation "$log"; then fail "violations: $(grep violation "$log")"; fi
finish
