#!/bin/sh
# SPDX-License-Identifier: ISC
# End to end over real SSH: a lab, a check that is refused, an upgrade of two switches at once, its report;
# then the exit statuses that need devices.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() {
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
expect 0 lab up --fabric small --dir "$L" --speed 100 --to 4.2.0 || finish
expect 6 lab up --fabric small --dir "$L" && said 'runs in'
expect 0 lab status --dir "$L" && shown running

expect 0 inventory import "$L/inventory.json"
expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"

# First contact
expect 4 host-key scan --hosts 'spine*' && shown SHA256: && said '--accept'
expect 5 check --to 4.2.0 --hosts spine01 --name contact && shown 'host key'
expect 0 host-key scan --accept
cmp -s "$S/known_hosts" "$L/known_hosts" || {
	sort "$S/known_hosts" >"$TMP/a"
	sort "$L/known_hosts" >"$TMP/b"
	cmp -s "$TMP/a" "$TMP/b" || fail "other host keys than the lab's"
}
expect 0 host-key scan && shown known
expect 0 credential test default --on leaf01
: >"$TMP/nokey"

# Refused: no image; the same request again after the image was added
expect 3 check --to 4.2.0 --hosts leaf01,leaf03 --name t1 && shown 'Image not uploaded' && shown '-> '
expect 3 --json check --to 4.2.0 --hosts leaf01,leaf03 --name t1 && shown '"status":"failed"'
expect 1 image missing --to 4.2.0 --json
for image in "$L"/images/*.bin; do
	expect 0 image add "$image"
done
# only what did not pass; then nothing is open; all of it, over new connections
expect 0 recheck t1 && shown '0 errors'
bad 'every check has passed' recheck t1
expect 0 lab fault --dir "$L" leaf01:refused
expect 5 recheck t1 --all && shown 'Connection refused'
expect 0 lab fault --dir "$L" --clear leaf01
expect 0 recheck t1 leaf01 && shown '0 errors'
expect 0 check --to 4.2.0 --hosts leaf01,leaf03 --name t1 && shown '0 errors'
expect 0 check --to 4.2.0 --hosts leaf03,leaf01 --name t1 --all
sed -n 's/^passed    //p' "$TMP/out" | cut -c 1-12 >"$TMP/rows"
[ "$(wc -l <"$TMP/rows")" -gt 10 ] || fail "no rows of passed checks"
sort -c "$TMP/rows" || fail "the rows are not sorted"
expect 0 plan --to 4.2.0 --hosts leaf01,leaf03 --name t1 --format json && shown '"stages"'
expect 0 jobs && shown ready

# The upgrade
expect 0 --json upgrade --to 4.2.0 --hosts leaf01,leaf03 --name t1 --yes --set drain-settle=0
tail -n 1 "$TMP/out" | grep -q '"type":"summary".*"state":"done".*"exit":0' || fail "no summary"
grep -qv '^{"format":1,' "$TMP/out" && fail "a line that is no JSON object"
expect 0 report t1 --format json && shown '"step":' && shown '"decisions":' && shown '"differences"'
expect 0 report t1 --format text && shown 'Steps of leaf01'
grep -Eq "  owner    $(id -un) on [^ ]+, process [0-9]+, takes the job$" "$TMP/out" ||
	fail "the report does not say who had the job"
expect 0 show t1 && shown done
expect 0 show t1 --device leaf01 && shown 'exit status 0'
expect 0 attach t1 && shown '2 of 2 devices done'
bad 'nothing to' pause t1
bad 'already' upgrade --to 4.2.0 --hosts leaf01,leaf03 --name t1 --yes
for device in leaf01 leaf03; do
	n=$(grep -c "\"device\":\"$device\",\"event\":\"reboot\"" "$L/lab.log")
	[ "$n" -eq 1 ] || fail "$device was rebooted $n times"
done

# Names of jobs may hold whatever can be printed; every verb takes them
odd="job mit Ümlaut & 'quotes' \"\$(id)\" 日本"
expect 0 upgrade --to 4.2.0 --hosts leaf02 --name "$odd" --yes --set drain-settle=0
expect 0 show "$odd" && shown "$odd"
expect 0 show "$odd" --device leaf02
expect 0 attach "$odd"
expect 0 report "$odd" && shown "Report of job \"$odd\""
expect 0 --json report "$odd"
expect 0 jobs --names && shown "$odd"
for verb in pause resume cancel; do
	bad 'job' $verb "$odd"
	not_shown 'there is no job'
done
for verb in retry skip rollback; do
	bad '' $verb "$odd" leaf09
	not_shown 'there is no job'
done
bad '' answer "$odd" 1 yes && not_shown 'there is no job'
bad '' waive "$odd" busy --reason test && not_shown 'there is no job'
bad 'printable' check --to 4.2.0 --hosts leaf02 --name "$(printf 'a\nb')"
bad 'printable' check --to 4.2.0 --hosts leaf02 --name "$(printf 'a\177')"
bad 'printable' check --to 4.2.0 --hosts leaf02 --name "$(printf 'a\302\205')"

# The completion finds them, where --state says
if command -v bash >/dev/null; then
	cat >"$TMP/complete.bash" <<'EOF'
eval "$("$1" completion bash)"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_hitless
eval "words=(${COMPREPLY[*]})"
printf '%s\n' "${words[@]}"
EOF
	(cd / && bash "$TMP/complete.bash" "$PROG" "$PROG" --state "$S" show "job") >"$TMP/out" 2>"$TMP/err"
	shown "$odd"
	not_shown t1
	bash "$TMP/complete.bash" "$PROG" "$PROG" --state = "$S" report "t" >"$TMP/out" 2>"$TMP/err"
	shown t1
	not_shown uid=
fi

# Ctrl-C at the question: 130, the job is cancelled, and nobody runs it
nobody_runs() { ! "$PROG" --state "$S" show "$1" | grep -q '^Process: .*pid'; }
if command -v script >/dev/null; then
	mkfifo "$TMP/keys"
	: >"$TMP/typescript"
	script -qefc "$PROG --state $S upgrade --name asked --to 4.2.0 --hosts spine02" "$TMP/typescript" \
		<"$TMP/keys" >/dev/null 2>&1 &
	terminal=$!
	exec 9>"$TMP/keys"
	wait_for 60 grep -q 'Type the name' "$TMP/typescript" || fail "no question: $(cat "$TMP/typescript")"
	printf '\003' >&9
	wait $terminal
	got=$?
	exec 9>&-
	[ $got -eq 130 ] || fail "Ctrl-C at the question gives $got"
	grep -q 'the job is cancelled' "$TMP/typescript" || fail "not said: $(tail -n 3 "$TMP/typescript")"
	expect 0 jobs && grep -q '^asked .*cancelled ' "$TMP/out" || fail "the job is left behind"
	wait_for 60 nobody_runs asked || fail "a process is left behind"
fi

# A device that does not answer: 5
expect 0 lab down --dir "$L"
expect 5 check --to 4.2.0 --hosts leaf01 --name gone && shown rotten
expect 5 credential test default --on leaf01
finish
