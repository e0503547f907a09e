#!/bin/sh
# SPDX-License-Identifier: ISC
# The same way in parts, as commands: images are staged on one day, activated on the next with one
# switch that drifted in between, verified, and taken back.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() {
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
sent() { # PATTERN: how often the lab's log has it
	grep -c -- "$1" "$L/lab.log"
}
on() { # DEVICE COMMAND: as an administrator of that switch
	set -- "$1" "$2" $(awk -F '[":, \t]+' -v d="$1" '
		$2 == "name" { here = $3 == d }
		here && $2 == "address" { a = $3 }
		here && $2 == "port" { print a, $3; exit }' "$L/inventory.json")
	ssh -n -q -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes \
		-i "$L/id_ed25519" -p "$4" "$(cat "$L/user")@$3" "$2"
}

expect 0 lab up --fabric small --dir "$L" --speed 60 --to 4.2.0 || finish
expect 0 setting set clock-speed 60
expect 0 inventory import "$L/inventory.json"
cp "$L/known_hosts" "$S/known_hosts"
expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
for image in "$L"/images/*.bin; do
	expect 0 image add "$image"
done

# --- what does not go together
bad 'did you mean "stage"?' check --name x --to 4.2.0 --only stag --hosts leaf01
bad 'goes on with an earlier one' check --name x --to 4.2.0 --only activate --hosts leaf01
bad 'there is no kind of job "stage"' plan --offline --name x --to 4.2.0 --only stage --method package --hosts leaf01

# --- day one: copies
expect 0 upgrade --name copies --to 4.2.0 --only stage --hosts leaf01,leaf02,leaf03 --yes
shown 'every device stays up'
[ "$(sent '"event":"reboot"')" -eq 0 ] || fail "staging rebooted a switch"
[ "$(sent onie-install)" -eq 0 ] || fail "staging installed something"
[ "$(sent 'cat >>')" -ge 3 ] || fail "staging copied nothing"
for leaf in leaf01 leaf02 leaf03; do
	on $leaf 'ls /var/tmp/*4.2.0*' >/dev/null || fail "no image on $leaf"
	on $leaf 'ls /run/hitless.lock' >/dev/null 2>&1 && fail "the mark is still on $leaf"
done
expect 0 staged list
shown leaf02
expect 0 staged list --json
[ "$(grep -o '"device"' "$TMP/out" | wc -l)" -eq 3 ] || fail "three copies are not listed"

# --- in between: one file changes, and one copy is not wanted any more
image=$(on leaf02 'ls /var/tmp/*4.2.0*')
on leaf02 "echo x >>$image" || fail "cannot change the image"
expect 0 staged remove copies leaf03
on leaf03 'ls /var/tmp/*4.2.0*' >/dev/null 2>&1 && fail "the copy is still on leaf03"
expect 0 staged list
not_shown leaf03

bad 'the job "copies" left the image of 4.2.0 on leaf01, not that of 4.3.0' \
	upgrade --name other --from-job copies --only activate --to 4.3.0 --hosts leaf01 --yes
bad 'kind "activate" goes on with what an earlier job left' rehearse --name r --from-job copies --only activate --hosts leaf01

# --- day two: the one that drifted is named, and nothing is touched
expect 3 upgrade --name tonight --from-job copies --only activate --hosts leaf01,leaf02 --yes
shown 'The image that was staged on leaf02 is missing or was changed'
not_shown 'staged on leaf01'
[ "$(sent '"event":"reboot"')" -eq 0 ] || fail "a switch was rebooted in spite of the drift"
expect 0 --json staged list
not_shown '"used_by":"tonight"' # which was refused
copied=$(sent '"event":"upload')
expect 0 upgrade --name tonight --from-job copies --only activate --hosts leaf01 --yes
[ "$(sent '"event":"reboot"')" -eq 1 ] || fail "leaf01 was not rebooted once"
[ "$(sent '"event":"upload')" -eq "$copied" ] || fail "activating copied an image"
[ "$(on leaf01 'sed -n s/^DISTRIB_RELEASE=//p /etc/lsb-release')" = 4.2.0 ] || fail "leaf01 does not run 4.2.0"
expect 0 staged list
not_shown leaf01
shown leaf02
bad 'which is of kind "stage"' check --name x --from-job copies --only verify

# --- allowed, it is copied again
expect 0 upgrade --name late --from-job copies --only activate --hosts leaf02 --set copy-when-missing=yes --yes
[ "$(sent 'cat >>')" -gt "$copied" ] || fail "what was missing was not copied"
expect 0 staged list --json
not_shown '"device"'

# --- the day after: checked again, without a change
expect 0 upgrade --name look --from-job tonight --only verify --yes
[ "$(sent '"event":"reboot"')" -eq 2 ] || fail "verifying rebooted a switch"
expect 0 report look --format json
shown '"before"'
bad 'kind "verify" goes on with what an earlier job left' rehearse look

# --- what was an upgrade counts and teaches as one; copies and looks do not
expect 0 --json jobs --stats
shown '"devices":2,' && shown '"other_devices":4'
expect 0 plan --name learnt --to 4.2.0 --hosts leaf04
shown 'learnt from 2 upgrades'

# --- the same with a lost uplink: it fails for BGP, and all the rest is looked at, too
on leaf01 'sudo ip link set swp51 down' || fail "no uplink to take"
expect 1 upgrade --name lame --from-job tonight --only verify --yes
shown 'Failed at- BGP check'
expect 0 report lame --format text
shown 'LLDP neighbours, 4 before'
shown '15 ports of leaf01 are up, 16 before'
expect 1 snapshot compare lame
shown 'swp51'
on leaf01 'sudo ip link set swp51 up' || fail "no uplink to give back"

# --- and back, with the files of that time
expect 0 upgrade --name back --from-job tonight --only rollback --yes
[ "$(on leaf01 'sed -n s/^DISTRIB_RELEASE=//p /etc/lsb-release')" = 4.1.1 ] || fail "leaf01 is not back"
bad 'kind "rollback" goes on with what an earlier job left' rehearse --name r --from-job tonight --only rollback
expect 3 upgrade --name again --from-job tonight --only verify --yes
shown 'release was "4.2.0" and is "4.1.1"'
# what refused changed nothing: the last result is what the switch came to
expect 0 history
grep -Eq '^leaf01 +done +4.2.0 +4.1.1 .* back$' "$TMP/out" || { fail "the last result"; cat "$TMP/out" >&2; }

# --- staged twice: what is removed, or goes with the disk, is listed for neither; by the real clock, which
# does not jump back from one job to the next
expect 0 setting set clock-speed 1

# --- a window hours away: the job goes on by itself then, and is over after that
opens=$(date -d '+6 hours' +%H:%M) day=$(date -d '+6 hours' +%Y-%m-%d)
expect 0 upgrade --name night --to 4.2.0 --hosts leaf03 --yes \
	--window "$opens-$(date -d '+10 hours' +%H:%M)"
shown 'waits for its window, which begins at' && shown 'goes on by itself then'
not_shown 'waits for you'
expect 0 --json attach night && shown '"exit":0'
expect 0 show night
over=$(sed -n 's/^The job is over by \([-0-9]* [0-9:]*\) .*/\1/p' "$TMP/out")
[ -n "$over" ] && [ "$(date -d "$over" +%s)" -gt "$(date -d "$day $opens" +%s)" ] ||
	fail "it is not over after the window opened"
expect 0 --json show night
grep -o '"end":{[^}]*' "$TMP/out" | grep -q p50 || fail "no forecast"
# its process dies: nobody is there when the window opens, and that is said
expect 0 show night
shown 'goes on by itself then'
owner=$(sed -n 's/^Process: [^0-9]*\([0-9]*\).*/\1/p' "$TMP/out")
kill -9 "$owner" || fail "no process to kill"
while kill -0 "$owner" 2>/dev/null; do sleep 0.1; done
expect 0 show night
shown 'No process works on this job: it does not go on by itself'
shown 'No process works on the job; work left: '
not_shown 'The job is over by'
expect 4 attach night
not_shown 'goes on by itself then'
expect 0 home
shown 'Waits for its window without a process: night'
expect 1 cancel night # a process of its own, to its end

for job in first second; do
	expect 0 upgrade --name $job --to 4.2.0 --only stage --hosts leaf04 --yes
done
expect 0 staged list && shown first && shown second
expect 0 staged remove second
expect 0 staged list
not_shown leaf04
expect 0 upgrade --name third --to 4.2.0 --only stage --hosts leaf04 --yes
expect 0 staged list && shown third
not_shown first
expect 0 setting set clock-speed 60
expect 0 upgrade --name direct --to 4.2.0 --hosts leaf04 --yes
on leaf04 'ls /var/tmp/*4.2.0*' >/dev/null 2>&1 && fail "the new disk of leaf04 is not empty"
expect 0 staged list
not_shown leaf04

! grep '"event":"violation"' "$L/lab.log" || fail "the lab saw a violation"
finish
