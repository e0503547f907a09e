#!/bin/sh
# SPDX-License-Identifier: ISC
# An in-service upgrade over the real OpenSSH: what the box says comes as it happens, the session ends
# with the node, both nodes are new. Skipped (77) without ssh.
. "${srcdir:-.}/tests/lab/lib.sh"

mkfifo "$dir/in" "$dir/stream"
exec 9<>"$dir/in"
./tests/lab/labd "$dir/lab" fabric=srx-pairs speed=300 image=100000 \
	version=23.4R2-S3.9 fault=fw1-node0:issu-hangs=3 <"$dir/in" >"$dir/port" \
	2>"$dir/err" 9>&- &
labd=$!
reach admin
has() { on "$1" 'show version | match ^Junos: | count' | grep -q "Count: $2 "; }
new() { on "$1" 'show version | match "^Junos: 23.4R2-S3.9" | count' | grep -q "Count: $2 "; }

grep -q '"kind":.*"cluster"' "$dir/lab/inventory.json" || die "kind of the group"
scp -q $common -P "$port" "$dir"/lab/images/junos-srxentedge-x86-64-23.4R2-S3.9.tgz \
	admin@127.66.0.70:/var/tmp/p.tgz || die "scp"
has 70 2 || die "the primary speaks of both nodes"
has 71 1 || die "the secondary speaks of itself"
issu='request system software in-service-upgrade /var/tmp/p.tgz reboot'
begin() {
	on 70 "$issu" >"$dir/stream" 2>/dev/null &
	ssh=$!
	exec 8<"$dir/stream"
	: >"$dir/said"
}
seen() {
	while IFS= read -r line <&8; do
		printf '%s\n' "$line" >>"$dir/said"
		case $line in *"$1"*) return 0 ;; esac
	done
	die "the session never said: $1"
}
log() { grep -q "\"event\":\"$1\",\"detail\":\"$2" "$dir/lab/lab.log"; }

# it stands still in the third stage, and what it said before that is here already
begin
seen 'Validation succeeded'
until_ok 20 log issu-stage 'fw1 3 '
on 70 "$issu" | grep -q 'warning: ISSU in progress' || die "a second upgrade is refused"
log violation 'second-issu fw1' || die "the second upgrade was not flagged"
log issu-end fw1 && die "it has not stood still"
on 70 'request system software abort in-service-upgrade' | grep -q 'after the current operation' ||
	die "abort"
seen 'aborted on request'
wait $ssh || die "the session did not end well: $?"

# to the end
begin
seen 'Rebooting Secondary Node'
seen 'Secondary node1 ready for failover.'
# what it says last may go down with it
seen 'node1 took over all redundancy groups'
rc=0; wait $ssh || rc=$?
[ $rc -eq 255 ] || die "the session did not end with the node: $rc"
until_ok 30 new 71 2
until_ok 30 on 70 true
[ "$(grep -c '"event":"violation"' "$dir/lab/lab.log")" = 1 ] || die "violations"
[ "$(grep -c '"device":"fw1-node[01]","event":"reboot"' "$dir/lab/lab.log")" = 2 ] || die "reboots"
echo PASS
