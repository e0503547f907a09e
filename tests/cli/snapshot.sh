#!/bin/sh
# SPDX-License-Identifier: ISC
# Snapshots over real SSH, with faults planted: all real differences are found, what changes by itself
# and what the upgrade itself does is folded, and exit status and JSON say so. One switch without a
# fault, one with many, one of which a snapshot after cannot be read.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() {
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
expect 0 lab up --fabric small --dir "$L" --speed 100 --to 4.2.0 \
	--fault leaf01:lldp-lost=swp51 --fault leaf01:routes-fewer=3 \
	--fault leaf01:service-missing=ntp@mgmt@post-install \
	--fault leaf01:prefixes-flap=swp52 --fault leaf01:mac-flaps \
	--fault "leaf02:fails=bridge fdb@post-install" || finish
expect 0 inventory import "$L/inventory.json"
expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
expect 0 host-key scan --accept
for image in "$L"/images/*.bin; do
	expect 0 image add "$image"
done
expect 0 setting set clock-speed 50

# member VALUE-OF KEY=VALUE...: how many lines of rows (one object a line) have all of these
rows() {
	tr '\n' ' ' <"$TMP/out" | sed 's/{"device":/\n&/g' >"$TMP/rows"
	pattern=cat
	for pair; do
		pattern="$pattern | grep -F '\"${pair%%=*}\":\"${pair#*=}\"'"
	done
	grep '"change":' "$TMP/rows" | eval "$pattern" | wc -l
}
count() { # HOW-MANY KEY=VALUE...
	wanted=$1
	shift
	n=$(rows "$@")
	[ "$n" -eq "$wanted" ] || { fail "$n rows instead of $wanted: $*"; cat "$TMP/rows" >&2; }
}

# By hand, before. Nothing on a device changes, and there is no job.
expect 0 snapshot list && shown 'no snapshots yet'
expect 0 snapshot take --name first --hosts 'leaf*' --apart 0 && shown '0 missing'
expect 0 --json jobs && not_shown '"name"'
bad 'already' snapshot take --name first --hosts leaf01
bad 'expected one line of 1 to 100 bytes' snapshot take --name '' --hosts leaf01
bad 'choose another' snapshot take --name night:after --hosts leaf01
bad 'choose another' snapshot take --name x:before --hosts leaf01
bad 'there is no option' snapshot take --hosts leaf01 --set nonsense=1
bad 'Node and Services are mandatory' snapshot take --hosts leaf01 --set snapshot-without=Node
expect 0 snapshot take --name less --hosts leaf03 --looks 1 --set 'snapshot-without=LLDP, MAC Address' &&
	shown '12 elements read, 0 missing'
expect 0 snapshot show less && shown 'leaf03  Node' && shown 'leaf03  Services'
shown 'leaf03  LLDP  left out' && shown 'leaf03  MAC Address  left out' && not_shown MISSING
expect 0 snapshot take --name bonds --hosts leaf03 --looks 1 --set 'snapshot-without=mlag bonds,lldp'
expect 0 snapshot show bonds && shown 'leaf03  MLAG Bonds  left out' && shown 'leaf03  LLDP  left out'
expect 0 snapshot show less
for element in BGP MLAG Interface 'IP Address' Links Neighbor OSPF Route Sensors; do
	shown "leaf03  $element"
done
expect 0 snapshot list && grep -Eq '^less .* 0$' "$TMP/out" || fail "what was left out is missing"
# What one of two left out on purpose, and who was not asked, is no difference and no failure
expect 0 snapshot compare first less && shown '0 missing' && not_shown MISSING &&
	shown 'elements were left out or not taken on one side'
expect 0 snapshot compare first less --all
grep -Eq '^leaf03 +LLDP .* left out' "$TMP/out" || fail "what was left out is not told"
grep -Eq '^leaf01 +LLDP .* not taken' "$TMP/out" || fail "who was not asked is not told"
expect 0 --json snapshot compare less first --hosts leaf03 && shown '"missing":0' && shown '"result":"left-out"' &&
	not_shown '"not-asked"' && shown '"exit":0'
expect 1 snapshot compare first less --hosts leaf01 && shown 'Nothing was compared'
expect 0 snapshot show first --hosts leaf01 --element Route --json && shown '"prefix"'
expect 0 --json snapshot list && shown '"name":"less"' && shown '"kind":"by-hand"'

# The upgrade: warnings do not fail it, a snapshot that is missing does.
expect 1 --json upgrade --to 4.2.0 --hosts leaf01,leaf02,leaf03 --name night --yes --set drain-settle=0
tail -n 1 "$TMP/out" | grep -q '"type":"summary".*"state":"done".*"exit":1' || fail "the summary is another"
tail -n 1 "$TMP/out" | grep -q '"snapshots_missing":1' || fail "the summary does not say what is missing"
tail -n 1 "$TMP/out" | grep -q '"differences":5,' || fail "the summary does not count the differences"
odd=$(tail -n 1 "$TMP/out" | grep -o '"after_warnings":[0-9]*' | cut -d: -f2)
[ "${odd:-0}" -ge 2 ] || fail "the summary counts ${odd:-no} warnings"
expect 1 snapshot compare night --hosts leaf02 && shown MISSING && shown '1 missing'
expect 0 show night && shown 'snapshots missing after the upgrade: 1'
expect 0 jobs --only failed && shown night
expect 0 errors night && shown 'The snapshot of leaf02 after the upgrade misses what it had before: MAC Address'
# what is not as it was is counted wherever a job is listed, with the command to look
for verb in 'attach night --text' 'show night'; do
	# shellcheck disable=SC2086
	"$PROG" --state "$S" $verb >"$TMP/out" 2>/dev/null </dev/null
	shown "! $odd checks after the upgrade did not pass: hitless show 'night'"
	shown "! 5 differences between before and after: hitless snapshot compare 'night'"
	[ "$verb" = 'attach night --text' ] || grep -Eq 'Post-checks: .* [1-9][0-9]* warnings' "$TMP/out" ||
		fail "$verb: the checks afterwards are not counted"
done
expect 0 --json jobs && shown "\"after_warnings\":$odd,\"differences\":5"
expect 0 jobs && grep -Eq "^night .* $((odd + 5)) " "$TMP/out" || fail "jobs does not count them"
expect 0 --json history leaf01 && shown '"differences":5'
expect 0 history leaf01 && grep -Eq '^night +done ![1-9]' "$TMP/out" || fail "history has no mark"
expect 0 --json history leaf03 && shown '"after_warnings":0,"differences":0'
expect 0 report night --format html
grep -q '<b>5</b> differences' "$TMP/out" && grep -q "<b>$odd</b> warnings afterwards" "$TMP/out" ||
	fail "the tiles do not count them"
expect 0 snapshot compare night --hosts leaf02 --element lldp
expect 0 snapshot compare night --hosts leaf03 && shown '0 real'
expect 1 --json snapshot compare night --hosts leaf01 && shown '"exit":1'
count 1 element=LLDP change=removed class=real key=swp51/spine01
count 3 element=Route change=removed class=real
count 1 element=Services change=removed class=real key=ntp/mgmt
count 5 class=real
count 1 element=BGP class=noise key=default/ipv4Unicast/swp52
count 1 element=Node class=expected
grep -q '"field":"release","from":"4.1.1","to":"4.2.0","class":"expected"' "$TMP/out" ||
	fail "the new version is not expected"
n=$(rows class=noise)
[ "$n" -ge 1 ] && [ "$n" -le 2 ] || fail "$n rows of noise"
expect 1 snapshot compare night --hosts leaf01 --class noise && shown swp52 && not_shown 'LLDP  removed'
bad 'there is no element' snapshot compare night --element Nothing
bad 'neither snapshot' snapshot compare night --hosts leaf09
bad '--class' snapshot compare night --class awful

# What the results say of it, and what to do
expect 0 report night && not_shown 'Service ntp is missing on Host leaf01 for VRF default.' &&
	shown 'Service ntp is missing on Host leaf01 for VRF mgmt.' &&
	shown 'It was waited for' && shown 'leaf01 is not as it was before the upgrade: ' &&
	shown 'misses what it had before: MAC Address'
grep -F 'Wait for up to' "$TMP/out" && fail "a wait that is over is still announced"
expect 0 --json report night && tr -d '\t\n ' <"$TMP/out" >"$TMP/flat" && mv "$TMP/flat" "$TMP/out" &&
	shown '"class":"expected"' && shown '"missing":1' && shown '"missing":true'

# Any two: by hand against after a job, after against after, by hand twice
expect 1 snapshot compare first night:after --hosts leaf01 && shown 'removed  real' && shown '1 expected'
expect 0 snapshot compare night:after night:after --hosts leaf01
expect 0 snapshot take --name second --hosts leaf01,leaf03 --apart 0
expect 0 snapshot compare second night:after --hosts leaf03
expect 1 snapshot compare first second --hosts leaf03 && shown 'release: 4.1.1 -> 4.2.0' && shown '1 real'
expect 0 snapshot delete second
bad 'there is no snapshot' snapshot compare first second
bad 'there is no job' snapshot compare tomorrow
expect 0 check --name unstarted --to 4.2.0 --hosts leaf04
bad 'there is nothing to compare' snapshot compare unstarted

# Away at the first look after the upgrade and back at a later one: healed by itself, no failure
# (the second attempt of this name: it is the one that is meant)
expect 0 check --name heals --to 4.2.0 --hosts spine01
expect 0 lab fault --dir "$L" leaf04:lldp-lost=swp52@post-install
expect 0 setting set clock-speed 5
"$PROG" --state "$S" --json upgrade --to 4.2.0 --hosts leaf04 --name heals --yes --set drain-settle=0 \
	>"$TMP/records" 2>"$TMP/err" </dev/null &
job=$!
looked() {
	grep '"kind":"snapshot","device":"leaf04","data":{"when":"after","element":"LLDP"' "$TMP/records"
}
wait_for 120 looked >"$TMP/look" || fail "there is no look after the upgrade"
grep -q '"interface":"swp52"' "$TMP/look" && fail "nothing is missing at the first look"
expect 0 lab fault --dir "$L" --clear leaf04:lldp-lost
wait $job
[ $? -eq 0 ] || { fail "what healed by itself fails the job"; tail -n 3 "$TMP/records" >&2; }
[ "$(looked | wc -l)" -ge 2 ] || fail "it was looked only once"
expect 0 --json snapshot compare heals --hosts leaf04 && shown '"exit":0'
count 1 element=LLDP change=removed class=healed key=swp52/spine02
count 0 class=real
expect 0 snapshot compare heals --hosts leaf04 && shown '0 real, 1 expected, 1 self-healed'

expect 0 snapshot show heals:after --hosts leaf04 && shown 'leaf04  LLDP'

# Somebody who does not answer is missing, and said
expect 0 lab down --dir "$L"
expect 5 snapshot take --name third --hosts leaf01
bad 'there is no snapshot' snapshot show third
finish
