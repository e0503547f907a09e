#!/bin/sh
# SPDX-License-Identifier: ISC
# --help of every verb; the man page and the completion name every verb; "did you mean".
. "${srcdir:-.}/tests/cli/lib.sh"

"$PROG" --help >"$TMP/help" || fail "--help"
sed -n 's/^  \([a-z][a-z-]*\( [a-z][a-z-]*\)\{0,1\}\)\(  .*\)*$/\1/p' "$TMP/help" >"$TMP/verbs"
[ "$(wc -l <"$TMP/verbs")" -ge 40 ] || fail "only $(wc -l <"$TMP/verbs") verbs in the help"
"$PROG" completion bash >"$TMP/completion" || fail "completion"
bash -n "$TMP/completion" || fail "the completion is no bash"
sed 's/\\-/-/g' "$srcdir/src/hitless.1" >"$TMP/man"

while read -r verb; do
	# shellcheck disable=SC2086
	expect 0 $verb --help && shown "usage: hitless"
	grep -qF -- "$verb" "$TMP/man" || fail "not in the man page: $verb"
	for word in $verb; do
		grep -qw -- "$word" "$TMP/completion" || fail "not in the completion: $verb"
	done
done <"$TMP/verbs"

# The manual against the verb table: the same verbs with the same options and arguments, no other.
# "verb --option ARGUMENT" a line, from `VERB --help` and from the sections of the manual.
while read -r verb; do
	echo "$verb"
	# shellcheck disable=SC2086
	"$PROG" $verb --help | sed -n "s/^  \(--[a-z-]*\( [^ ][^ ]*\)\{0,1\}\)\(  .*\)*$/$verb \1/p" |
		grep -Ev ' --(state|json|help)( |$)'
done <"$TMP/verbs" | sort >"$TMP/table"
sed -n '/^\.SH OPTIONS OF THE VERBS/,/^\.SH EXIT/p' "$TMP/man" | sed 's/"//g' | awk '
	/^\.SS / {
		n = split(substr($0, 5), verbs, ", ")
		for (i = 1; i <= n; i++) if (!seen[verbs[i]]++) print verbs[i]
	}
	/^\.B --/ {
		option = substr($0, 4)
		gsub(/\\f[IR]/, "", option)
		for (i = 1; i <= n; i++) print verbs[i] " " option
	}' | sort >"$TMP/manual"
[ "$(wc -l <"$TMP/table")" -ge 100 ] || fail "only $(wc -l <"$TMP/table") verbs and options"
diff "$TMP/table" "$TMP/manual" >&2 || fail "the manual (>) and the verbs (<) differ"
grep -oE -- '--[a-z]+(-[a-z]+)*' "$TMP/man" | sort -u >"$TMP/named"
{ sed -n 's/.* \(--[a-z-]*\).*/\1/p' "$TMP/table"; printf '%s\n' --state --json --help --version; } |
	sort -u | comm -23 "$TMP/named" - >"$TMP/strange"
[ -s "$TMP/strange" ] && fail "options of the manual that no verb has: $(cat "$TMP/strange")"

# What the completion offers
complete() {
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hitless 2>/dev/null
		echo "${COMPREPLY[@]}"' bash "$TMP/completion" "$@"
}
complete hitless up | grep -qw upgrade || fail "completion of up"
complete hitless inventory im | grep -qw import || fail "completion of inventory im"
complete hitless upgrade --na | grep -qw -- --name || fail "completion of upgrade --na"
complete hitless image add --ki | grep -qw -- --kind || fail "completion of image add --ki"

expect 0 --version && shown hitless
bad 'did you mean "jobs"' job
bad 'did you mean "inventory list"' inventory lst
bad 'did you mean --name' upgrade --nam x
bad 'option --to needs a value' plan --to
bad 'option --to needs a value' plan --to --json
(cd "$TMP" && "$PROG" --state --help >"$TMP/out" 2>"$TMP/err")
[ $? -eq 2 ] && said 'option --state needs a value' || fail 'a state directory of the name --help'
"$PROG" --state '' history >"$TMP/out" 2>"$TMP/err"
[ $? -eq 2 ] && said '--state: expected a directory' || fail 'a state directory without a name'
bad 'given twice' plan --to 1 --to 2
bad 'takes no value' upgrade --yes=1
bad 'there is no verb' frobnicate
bad 'one word too many' jobs now
bad 'usage: hitless show JOB' show
expect 2 inventory
expect 0 && shown 'Next:'
finish
