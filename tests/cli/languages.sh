#!/bin/sh
# SPDX-License-Identifier: ISC
# In another language: the words of the program, of states and of procedures are translated, the
# columns stay in line, and JSON is the same as in English.
. "${srcdir:-.}/tests/cli/lib.sh"

command -v msgfmt >/dev/null || { echo "no msgfmt here"; exit 77; }
for language in $(sed 's/#.*//' "$srcdir/po/LINGUAS"); do
	mkdir -p "$TMP/locale/$language/LC_MESSAGES"
	msgfmt -o "$TMP/locale/$language/LC_MESSAGES/hitless.mo" "$srcdir/po/$language.po" || exit 99
done
tests/tui/fixture "$S" >"$TMP/made" 2>&1 || { cat "$TMP/made"; exit 99; }

in_english() {
	LC_ALL=C
	unset LANGUAGE
	expect "$@"
}
in_language() { # LANGUAGE STATUS WORDS...
	LC_ALL=C.UTF-8 LANGUAGE=$1 HITLESS_LOCALE_DIR=$TMP/locale
	export LANGUAGE HITLESS_LOCALE_DIR
	shift
	expect "$@"
}
# Without what is another one in each run.
same_json() {
	for file in "$1" "$2"; do
		sed -E 's/"(id|created|fingerprint|now|time)": *("[^"]*"|[0-9]+)//g' "$file" >"$file.same"
	done
	cmp "$1.same" "$2.same"
}
# The word of the procedure's catalogue in this language.
word() {
	msggrep --no-wrap -K -F -e "$2" "$srcdir/po/$1.po" |
		awk -v id="msgid \"$2\"" '$0 == id { getline; gsub(/^msgstr "|"$/, ""); print }'
}

for words in "show mixed" "report mixed" "procedure show cumulus-linux" "procedure list"; do
	# shellcheck disable=SC2086
	in_english 0 $words --json && cp "$TMP/out" "$TMP/english"
	for language in de fr ja; do
		# shellcheck disable=SC2086
		in_language $language 0 $words --json && cmp "$TMP/english" "$TMP/out" ||
			fail "the JSON of $words is another one in $language"
	done
done

# Errors and plans too: what is kept and what machines read is English, what people read is not.
for words in "2 show nobody" "2 plan --name x --to 4.2.0 --order spine" "3 plan --name y --to 4.2.0"; do
	status=${words%% *} words=${words#* }
	# shellcheck disable=SC2086
	in_english "$status" $words --json && cp "$TMP/out" "$TMP/english"
	# shellcheck disable=SC2086
	in_english "$status" $words && cat "$TMP/out" "$TMP/err" >"$TMP/said"
	for language in de fr ja; do
		# shellcheck disable=SC2086
		in_language $language "$status" $words --json && same_json "$TMP/english" "$TMP/out" ||
			fail "the JSON of $words is another one in $language"
		# shellcheck disable=SC2086
		in_language $language "$status" $words && cat "$TMP/out" "$TMP/err" >"$TMP/other"
		! cmp -s "$TMP/said" "$TMP/other" || fail "$words is in English in $language"
	done
done

for language in de fr ja; do
	failed=$(word $language failed) phase=$(word $language Backup)
	title=$(word $language "Mark the switch as being upgraded")
	[ "$failed" ] && [ "$phase" ] && [ "$title" ] || fail "no words in $language"
	in_language $language 0 show mixed && shown "$failed" && not_shown "  failed "
	in_language $language 0 show mixed --device leaf02 && shown "$title" && shown "$phase" &&
		not_shown "Mark the switch as being upgraded"
	in_language $language 0 report mixed && shown "$failed" && shown "$phase"
	in_language $language 0 procedure show cumulus-linux && shown "$title" && shown "$phase"
done
in_language ja 0 procedure list && shown "$(word ja 'Upgrade Cumulus Linux on switches')"

# What follows words of two columns a character begins where it does in English.
columns() {
	grep -E ' (gate|claim|baseline) ' "$TMP/out" | sed 's/[^ -~]/ww/g' |
		awk '{ print match($0, /gate|claim|baseline/) }' | sort -u
}
in_english 0 show mixed --device leaf02 && columns >"$TMP/at"
in_language ja 0 show mixed --device leaf02 && columns >>"$TMP/at"
[ "$(sort "$TMP/at" | uniq -c | awk '{ print $1 }')" = 2 ] ||
	fail "steps begin at other columns: $(tr '\n' ' ' <"$TMP/at")"

finish
