#!/bin/sh
# SPDX-License-Identifier: ISC
# Before anything of a Junos device is changed for good: the copy is compared with the image, there is room
# for it, the device validates it (once: a refusal is not asked for again), and a cancel takes back what
# was done.
. "${srcdir:-.}/tests/cli/lib.sh"

TO=23.4R2-S3.9
lab_up junos-clos || finish
lab_images
log=$L/lab.log
sent() { # DEVICE COMMAND: how often
	grep "\"device\":\"$1\",\"event\":\"command\"" "$log" | grep -c "admin: $2"
}

# too little space is an error before anything is copied, by the device's own words
expect 0 lab fault --dir "$L" spine1:disk-full=1000000
expect 3 check --to $TO --hosts spine1 --name small && shown 'There is not enough space on spine1'
expect 0 lab fault --dir "$L" --clear spine1
# a copy that breaks off goes on, and its checksum is asked of the device before it has its name
expect 0 lab fault --dir "$L" spine1:upload-cut=50%
expect 0 lab fault --dir "$L" spine1:validate-fails
expect 1 upgrade --to $TO --hosts spine1 --name refused --yes
shown 'does not take the configuration of spine1' && shown 'hitless retry --set validate=no'
[ "$(sent spine1 'request system software validate')" -eq 1 ] || fail 'not one validation'
[ "$(sent spine1 'request system software add')" -eq 0 ] || fail 'it was installed'
sums=$(sent spine1 'file checksum sha-256 .*[.]part')
[ "$sums" -ge 1 ] || fail 'what arrived is not what was sent: nobody asked'
moved=$(grep -n 'admin: .*mv -f .*[.]part' "$log" | tail -n 1 | cut -d: -f1)
asked=$(grep -n 'admin: file checksum sha-256 .*[.]part' "$log" | tail -n 1 | cut -d: -f1)
[ "${asked:-0}" -lt "${moved:-0}" ] || fail 'the copy got its name before its checksum was asked'
expect 0 retry refused spine1 --set validate=no
[ "$(sent spine1 'request system software validate')" -eq 1 ] || fail 'validated in spite of validate=no'

# Cancelled while the image is installed: backed out, drained no more, not rebooted
"$PROG" --state "$S" upgrade --to $TO --hosts leaf1 --name stopped --yes >"$TMP/stopped" 2>&1 </dev/null &
pid=$!
installs() { grep -q '"device":"leaf1","event":"install"' "$log"; }
wait_for 60 installs || fail 'leaf1 is never installed'
expect 0 cancel stopped
wait $pid
expect 0 --json show stopped && shown '"cancelled":1' && not_shown '"open":[{'
for event in reboot installed; do
	if grep -q "\"device\":\"leaf1\",\"event\":\"$event\"" "$log"; then fail "leaf1: $event"; fi
done
grep '"device":"leaf1","event":"\(un\)*drain"' "$log" | tail -n 1 | grep -q undrain ||
	fail 'leaf1 is cancelled and as it was: no, it is drained'
grep '"device":"leaf1"' "$log" | grep -q 'request system software rollback' ||
	fail 'what was staged on leaf1 is not backed out'
if grep -q violation "$log"; then fail "violations: $(grep violation "$log")"; fi
finish
