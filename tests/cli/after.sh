#!/bin/sh
# SPDX-License-Identifier: ISC
# A snapshot that was taken before and not after is missing as soon as its device is through, however
# that went: every form of the report says so. Until then it is still to come.
. "${srcdir:-.}/tests/cli/lib.sh"

lab_up small --to 4.2.0 --fault spine01:never-returns || finish
lab_images
"$PROG" --state "$S" --json upgrade --name dead --hosts leaf04,spine01 --to 4.2.0 --yes \
	--on-failure continue --set rollback=no --set drain-settle=0 >"$TMP/records" 2>&1 </dev/null &
job=$!
# nothing is written while it is waited for, and its time goes on by the clock of the job: the step's
goes_on() {
	"$PROG" --state "$S" show dead 2>/dev/null | grep -Eq '^spine01 .* Reboot .* [1-9][0-9]*m([0-9]+s)?/30m '
}
wait_for 60 goes_on || { "$PROG" --state "$S" show dead >&2; fail 'the time of a step stands still'; }
expect 0 --json show dead && shown '"step":"wait-boot","step_ms":' && shown '"step_limit_ms":1800000'
wait $job
[ $? -eq 1 ] || fail "the job did not fail"
cp "$TMP/records" "$TMP/out"
tail -n 1 "$TMP/out" | grep -q '"snapshots_missing":12' || fail "the summary does not say what is missing"
told() { # JOB HOW-MANY WORDS
	expect 1 snapshot compare "$1" && shown MISSING && shown "; $2 missing"
	expect 0 report "$1" && shown MISSING && shown "; $2 missing" && not_shown 'not yet'
	expect 0 show "$1" && shown "$2 $3 missing after the upgrade"
	expect 0 --json show "$1" && shown "\"snapshots_missing\":$2"
	expect 0 report "$1" --format html && shown "! $2 $3 missing" && not_shown 'No difference'
	expect 0 report "$1" --format json --output "$TMP/$1.json"
	tr -d '\t\n ' <"$TMP/$1.json" >"$TMP/out" && shown "\"snapshots_missing\":$2" &&
		shown '"result":"missing"' && not_shown '"awaited"'
}
told dead 12 "snapshots are"
# a job that only verifies
expect 0 lab fault --dir "$L" "leaf04:fails=bridge fdb"
expect 1 upgrade --only verify --from-job dead --hosts leaf04 --name again --yes
told again 1 "snapshot is"
python=
for p in /usr/bin/python3 python3; do
	[ -n "$python" ] || { "$p" -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null && python=$p; }
done
[ -z "$python" ] || "$python" "$srcdir/tests/cli/schema.py" "$srcdir/src/cli/report.schema.json" \
	"$TMP/dead.json" "$TMP/again.json" >"$TMP/out" 2>&1 || fail "schema: $(cat "$TMP/out")"
finish
