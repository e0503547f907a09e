#!/bin/sh
# SPDX-License-Identifier: ISC
# The other tool's spellings.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() {
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
write_inventory "$TMP/in.json"
expect 0 inventory import "$TMP/in.json"
installer "$TMP/cumulus-linux-3.7.12-vx-amd64.bin" 3.7.12 vx-amd64
expect 0 lcm add image "$TMP/cumulus-linux-3.7.12-vx-amd64.bin"
expect 0 lcm show images && shown 'CL Version' && shown 3.7.12 && shown x86_64
expect 0 lcm show cl-images json && shown '"clVersion":"3.7.12"'
id=$(sed -n 's/.*"id":"\(image_[0-9a-f]*\)".*/\1/p' "$TMP/out")
expect 0 lcm show cl-images "$id" && shown 3.7.12
digits=$(echo "$id" | sed 's/^image_\(............\).*/\1/')
for short in "$digits" "image_$digits" "cl_image_$digits"; do
	expect 0 lcm show images "$short" && shown 3.7.12
done
bad 'there is no image nonsense' lcm show images nonsense
bad 'there is no image' lcm show images image_
bad 'there is no image' lcm show cl-images image_0000 json
bad 'there is no image' lcm show netq-images "$id"
expect 0 lcm add default-version cl-images 3.7.12
expect 0 lcm show default-version cl-images && shown 3.7.12
expect 0 lcm add role exit switches leaf03,leaf04
expect 0 inventory list && shown exit
expect 0 lcm show switches && shown Hostname && shown leaf03
ssh-keygen -q -t ed25519 -N '' -f "$TMP/key"
expect 0 lcm add credentials username admin ssh-key "$TMP/key"
expect 0 lcm show credentials && shown admin
expect 2 lcm add credentials username admin password hunter2
not_shown hunter2
expect 0 lcm show upgrade-jobs && shown 'Pre-Check Status'
expect 2 lcm show status nojob && said 'there is no job'

# A name that nobody knows: the row of the pre-check table, from every verb that makes a job
sed 's/"192\.0\.2\.\([0-9]*\)"/"127.0.0.1", "port": \1/' "$TMP/in.json" >"$TMP/near.json"
expect 0 inventory import "$TMP/near.json"
# it asks as 'hitless upgrade' does: nothing begins by itself where nobody can be asked
bad 'give --yes' lcm upgrade name upgrade-3712 cl-version 3.7.12 hostnames spine01
expect 0 jobs && not_shown upgrade-3712
expect 0 lcm --help && shown 'upgrade asks before it starts'
expect 3 lcm upgrade name upgrade-3712 cl-version 3.7.12 hostnames spine01,spine09 --yes
not_shown 'licence that is given'
shown 'Switch is not in inventory: spine09'
# what nobody knows is no error
expect 0 --json lcm show upgrade-jobs
for count in errors warnings unknown; do
	listed=$(grep -o "\"$count\":\"[0-9]*" "$TMP/out" | cut -d'"' -f4)
	"$PROG" --state "$S" --json show upgrade-3712 >"$TMP/job"
	[ "${listed:-0}" = "$(grep -o "\"check_$count\":[0-9]*" "$TMP/job" | cut -d: -f2)" ] ||
		fail "$count: '$listed' in the list of jobs"
done
expect 3 check --name c1 --to 3.7.12 --hosts spine01,spine09,spine08,spine09
shown 'ERROR                   Switch is not in inventory: spine09, spine08'
shown '-> Verify that the host name is the right one'
expect 3 upgrade --name u1 --to 3.7.12 --hosts spine01,spine09 --yes
shown 'Switch is not in inventory: spine09'
bad 'did you mean "spine0' check --name c2 --to 3.7.12 --hosts spine09
bad 'no device is called "spine09"' plan --offline --to 3.7.12 --hosts spine01,spine09
bad 'no device is called "core*"' check --name c2 --to 3.7.12 --hosts 'spine01,core*'
expect 0 plan --offline --name p1 --to 3.7.12 --hosts 'spine*' --plan-out "$TMP/p1.json"
sed 's/spine02/spine20/' "$TMP/near.json" >"$TMP/other.json"
expect 0 inventory import "$TMP/other.json" --yes
expect 3 check --plan "$TMP/p1.json"
shown 'Switch is not in inventory: spine02'
bad 'no device is called "spine02"' plan --offline --plan "$TMP/p1.json"
# An order that leaves a role out: refused before anything is written down or asked
for order in leaf leaf,exit; do
	bad 'order: it leaves out the role spine, which spine01 has' \
		lcm upgrade name upgrade-3712 cl-version 3.7.12 hostnames spine01,leaf01 order $order --yes
	bad 'order: it leaves out the role spine' check --name o1 --to 3.7.12 --hosts spine01,leaf01 --order $order
done
bad 'is named twice' upgrade --name o1 --to 3.7.12 --hosts spine01 --order spine,spine --yes
expect 0 jobs
not_shown o1
expect 3 lcm upgrade name upgrade-3712 image-id "$digits" cl-version 3.7.12 license "$TMP/licence" \
	hostnames spine01,spine09 --yes
said 'The licence that is given is not looked at'
expect 2 lcm upgrade name upgrade-3712 cl-version 3.7.12
expect 2 lcm upgrade name upgrade-3712 cl-versio 3.7.12 hostnames spine01 && said 'did you mean'
bad 'there is no phrase that begins with "sing"' lcm sing

# Credentials by profiles
expect 0 lcm add credentials profile_name p2 username anna ssh-key "$TMP/key"
expect 0 lcm add credentials profile_name p3 username bert ssh-key "$TMP/key"
expect 0 lcm attach credentials profile_id p2 hostnames leaf01,leaf02
expect 0 --json inventory list
[ "$(grep -o '"credential":"p2"' "$TMP/out" | wc -l)" -eq 2 ] || fail "p2 is not that of two switches"
expect 2 lcm del credentials profile_ids p2 && said 'devices of the inventory use credential p2'
for leaf in leaf01 leaf02; do
	expect 0 lcm detach credentials hostname $leaf
done
expect 0 --json inventory list && not_shown '"p2"'
expect 0 lcm del credentials profile_ids p2,p3
expect 0 lcm show credentials && shown admin
not_shown anna
not_shown bert
bad 'usage: hitless lcm attach credentials' lcm attach credentials profile_id p2
bad 'usage: hitless lcm detach credentials' lcm detach credentials

# What is done otherwise here: the verb is named
bad 'hitless credential set NAME' lcm edit credentials profile_id p1 username x
bad 'hitless inventory discover' lcm show discovery-job j
for verb in add del show; do
	bad 'no profiles of the agent' lcm $verb netq-config config-profile-name x
done
bad '--set agent-version=VERSION' lcm upgrade netq-image job-name j netq-version 3.3.1 hostnames leaf01
bad '--set agent-version=VERSION' lcm install netq-image job-name j netq-version 3.3.1
bad '--set agent-version=VERSION' lcm add default-version netq-images 3.3.1
bad 'hitless show JOB' lcm show status netq-image j
bad 'hitless jobs' lcm show upgrade-jobs netq-image
bad 'ZTP' lcm show ztp-scripts
expect 0 lcm del image "$id"
expect 0 lcm --help && shown 'run-restore-on-failure'

# --- with switches: an upgrade to its end by their words, and how the tables tell it
S=$TMP/real
TZ=UTC
export TZ
expect 0 lab up --fabric small --dir "$L" --speed 100 --to 4.2.0 --fault leaf03:backup-file-missing ||
	finish
expect 0 setting set clock-speed 100
expect 0 inventory import "$L/inventory.json"
cp "$L/known_hosts" "$S/known_hosts"
expect 0 lcm add credentials username "$(cat "$L/user")" ssh-key "$L/id_ed25519"
for image in "$L"/images/*; do
	expect 0 lcm add netq-image "$image"
done
ports() { # DEVICE: its CSV line
	awk -F '[":, \t]+' -v d="$1" '
		$2 == "name" { here = $3 == d }
		here && $2 == "address" { a = $3 }
		here && $2 == "port" { print d "," a "," $3; exit }' "$L/inventory.json"
}
{ echo hostname,ip,port; ports leaf01; ports leaf02; } >"$TMP/range.csv"
expect 0 lcm discover csv-file "$TMP/range.csv" profile_id default
[ "$(grep -c 'already known' "$TMP/out")" -ge 2 ] || { fail "not found"; cat "$TMP/out" >&2; }
value() { # DEVICE MEMBER: of the JSON that was printed
	tr '{' '\n' <"$TMP/out" | grep "\"hostname\":\"$1\"" | sed 's/.*"'"$2"'":"\{0,1\}\([^",}]*\).*/\1/'
}
agree() { # DEVICE VERSION: that is what every table says of it
	expect 0 inventory list
	grep "^$1 " "$TMP/out" | grep -qF " $2 " || fail "inventory list: $1 does not run $2"
	expect 0 lcm show switches json
	[ "$(value "$1" clVersion)" = "$2" ] || fail "lcm show switches: $1 does not run $2"
	expect 0 lcm show switches cl-version "$2" && shown "$1"
	expect 0 lcm show switches cl-version 9.9.9
	not_shown "$1"
}
expect 1 lcm upgrade cl-image job-name upgrade-420 cl-version 4.2.0 netq-version 3.3.1 \
	hostnames leaf01,leaf03 order leaf run-restore-on-failure run-snapshot-before-after --yes
expect 0 show upgrade-420
grep -q '^leaf01 .*done' "$TMP/out" || { fail "leaf01 is not done"; cat "$TMP/out" >&2; }
agree leaf01 4.2.0
agree leaf03 4.1.1
expect 0 lcm show switches cl-version 4.1.1
not_shown leaf01
expect 0 lcm show switches netq-version 3.3.1 && shown leaf01
not_shown leaf03

# the address of the management port, as the switch says it
expect 0 lcm show switches json
value leaf01 macAddress | grep -Eq '^([0-9a-f]{2}:){5}[0-9a-f]{2}$' || fail "leaf01 has no MAC address"
[ "$(value leaf01 macAddress)" != "$(value leaf03 macAddress)" ] || fail "two switches with one address"
[ -z "$(value leaf02 macAddress)" ] || fail "leaf02 was never asked"

# the times are those of the phases
expect 0 lcm show status cl-image upgrade-420 json
for phase in backup upgrade restore; do
	[ "$(value leaf01 ${phase}Status)" = COMPLETED ] || fail "$phase of leaf01 is not completed"
	eval "$phase=$(value leaf01 ${phase}StartTime)"
done
[ "$backup" -gt 0 ] && [ "$backup" -lt "$upgrade" ] && [ "$upgrade" -lt "$restore" ] ||
	fail "phases of leaf01 begin at $backup, $upgrade, $restore"
first=$("$PROG" --state "$S" report upgrade-420 --format json | tr -d ' \t\n' | tr '{' '\n' |
	sed -n '/"step":"install"/s/.*"started":"\([^"]*\)".*/\1/p' | head -n 1)
[ "$(date -u -d "$first" +%s)" -eq $((upgrade / 1000)) ] || fail "the install began at $first, not at $upgrade"
[ "$(value leaf03 backupStatus)" = FAILED ] || fail "the backup of leaf03 did not fail"
for phase in upgrade restore; do
	[ "$(value leaf03 ${phase}Status)" = SKIPPED_ON_FAILURE ] || fail "$phase of leaf03 is not skipped"
	[ "$(value leaf03 ${phase}StartTime)" -eq 0 ] || fail "$phase of leaf03 has a time"
done
expect 0 lcm show status upgrade-420
grep -Eq '^leaf03 +4.2.0 +FAILED +[A-Z][a-z]{2} [^ ]+ .* SKIPPED_ON_FAILURE +N/A +SKIPPED_ON_FAILURE +N/A$' \
	"$TMP/out" || { fail "the row of leaf03"; cat "$TMP/out" >&2; }
expect 0 lcm show upgrade-jobs && shown upgrade-420

# the image of what runs is the way back: kept, unless that is known
old=$("$PROG" --state "$S" image list | sed -n 's/^\([0-9a-f]*\) .*cumulus-linux-4\.1\.1.*/\1/p')
bad '1 device of the inventory runs 4.1.1, and only image cumulus-linux-4.1.1' image del "$old"
bad '--yes deletes it all the same' lcm del cl-image "$old"
expect 0 lcm show cl-images "$old"

# back again: the tables know that, too
expect 1 rollback upgrade-420 leaf01 # leaf03 did fail
agree leaf01 4.1.1
expect 0 lcm show switches cl-version 4.2.0
not_shown leaf01
expect 0 lcm show status upgrade-420 && shown ROLLED_BACK
expect 0 lcm del cl-image "$old" --yes
expect 0 image del "$("$PROG" --state "$S" image list | sed -n 's/^\([0-9a-f]*\) .*cumulus-linux-4\.2\.0.*/\1/p')"
finish
