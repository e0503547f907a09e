#!/bin/sh
# SPDX-License-Identifier: ISC
# A second person: nothing is changed before another user of the machine has confirmed the words of
# the plan; the maker is refused, by whatever name; another plan has other words.
. "${srcdir:-.}/tests/cli/lib.sh"

[ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || { echo "another user takes root and setpriv"; exit 77; }
L=$TMP/lab
at_end() {
	for name in two other; do
		p=$(process $name)
		[ -z "$p" ] || kill "$p" 2>/dev/null
	done
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
process() {
	"$PROG" --state "$S" show "$1" 2>/dev/null | sed -n 's/^Process: .*pid \([0-9]*\) .*/\1/p'
}
# as UID WORDS...: the program as that user, who can read nothing of ours
as() {
	uid=$1
	shift
	setpriv --reuid "$uid" --regid 65534 --clear-groups env HOME=/nonexistent XDG_STATE_HOME="$TMP/of-$uid" \
		"$P" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	got=$?
}
state_is() {
	"$PROG" --state "$S" show "$1" 2>/dev/null | head -n 1 | grep -q "): $2"
}
words_of() {
	"$PROG" --state "$S" show "$1" --json | sed -n 's/.*"words": *"\([a-z ]*\)".*/\1/p' | head -n 1
}

# somewhere that others may execute from
P=$TMP/hitless
cp "$PROG" "$P" && chmod 755 "$P" "$TMP" && chmod 700 "$S" 2>/dev/null
for uid in 65533 65534; do
	mkdir "$TMP/of-$uid" && chown $uid "$TMP/of-$uid"
done

expect 0 lab up --fabric small --dir "$L" --speed 60 --to 4.2.0 || finish
expect 0 setting set clock-speed 60
expect 0 inventory import "$L/inventory.json"
cp "$L/known_hosts" "$S/known_hosts"
expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
for image in "$L"/images/*.bin; do
	expect 0 image add "$image"
done
chmod 700 "$S"

# without the wish there is nothing to confirm
as 65534 confirm nobody apple apple apple apple apple
[ $got -eq 2 ] || fail "a job that is not there: status $got"
said 'waits for these words'

expect 4 upgrade --name two --to 4.2.0 --hosts leaf01 --require-confirm --yes
shown 'waits for a second person'
shown "hitless confirm 'two' WORDS" && not_shown 'resume|retry|skip'
state_is two held || fail "the job does not wait"
words=$(words_of two)
[ "$(echo "$words" | wc -w)" -eq 5 ] || fail "not five words: $words"
untouched() {
	! grep -q 'mkdir /run/hitless.lock' "$L/lab.log" || fail "$1"
}
untouched "the switch was touched before anybody confirmed"
expect 0 resume two
told() { "$PROG" --state "$S" report two --format json | grep -q '"verb":.*"resume"'; }
wait_for 60 told || fail "the order did not arrive"
wait_for 60 state_is two held || fail "the job does not wait any more"
untouched "resume went past the second person"

# the maker, also behind another name
expect 3 confirm two $words
said 'another person'
as 65534 confirm two apple $words
[ $got -eq 2 ] || fail "wrong words: status $got"
SUDO_UID=0 as 65534 confirm two $words
[ $got -eq 3 ] || fail "the maker behind sudo: status $got"

# another plan: the words that were right are wrong now
old=$words
expect 0 cancel two
wait_for 60 state_is two cancelled || fail "the job is not cancelled"
expect 4 upgrade --name other --to 4.2.0 --hosts leaf01 --require-confirm --yes --set drain=no
words=$(words_of other)
[ "$old" != "$words" ] || fail "another job has the same words"
as 65534 confirm other $old
[ $got -eq 2 ] || fail "words of another plan: status $got"

as 65534 confirm other "$(echo "$words" | tr ' a-z' '.A-Z')"
[ $got -eq 0 ] || fail "the second person: status $got: $(cat "$TMP/err")"
shown 'is confirmed'
wait_for 120 state_is other 'done' || fail "the job does not go on"
as 65533 confirm other $words
[ $got -eq 2 ] || fail "confirmed twice: status $got"
expect 0 report other --format json
shown '"confirm"'
grep -A4 '"confirm"' "$TMP/out" | grep -q nobody || fail "who confirmed is not in the report"

# for every job, as a setting
expect 0 setting set require-confirm 1
expect 0 check --name three --to 4.2.0 --hosts leaf02
expect 0 show three
shown 'second person'
finish
