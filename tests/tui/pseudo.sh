#!/bin/sh
# SPDX-License-Identifier: ISC
# Nothing on the screens, in reports and in lines is left in English: in a language made for this
# test every text is its own translation with other letters (pseudo.awk), and what is seen in plain
# letters then has to be a name, a version, a command, or what a device said (pseudo.words).
#
#   KEEP=DIR tests/tui/pseudo.sh      what was seen stays in DIR
. "${srcdir:-.}/tests/tui/golden-lib.sh"

for tool in xgettext msgen msgfmt; do
	command -v "$tool" >/dev/null || { echo "no $tool here"; exit 77; }
done

make_language() {
	options=$(sed -n 's/^XGETTEXT_OPTIONS = //p' "$srcdir/po/Makevars")
	mkdir -p "$T/locale/xx/LC_MESSAGES"
	# $options is a list on purpose
	# shellcheck disable=SC2086
	(cd "$srcdir" && xgettext $options -f po/POTFILES.in -o -) |
		sed 's/nplurals=INTEGER; plural=EXPRESSION/nplurals=2; plural=(n != 1)/' >"$T/texts.pot" &&
		msgen "$T/texts.pot" -o - 2>/dev/null | awk -f "$srcdir/tests/tui/pseudo.awk" >"$T/xx.po" &&
		msgfmt --check-format -o "$T/locale/xx/LC_MESSAGES/hitless.mo" "$T/xx.po" || exit 99
}

# The names of the procedures: steps, checks, parameters; and those of the fixture.
make_names() {
	grep -ohE '"(name|compare)": *("[^"]*"|\[[^]]*\])|^    "[a-z0-9-]+": \{' \
		"$srcdir"/src/procedures/*.json | grep -oE '[a-z][a-z0-9-]+' | sort -u |
		grep -vx -e name -e compare
	sed 's/#.*//' "$srcdir/tests/tui/pseudo.names" | tr ' ' '\n'
}

# What is allowed, and the words of a plan: its name, five of them in a row.
make_allowed() {
	word=$(sed -n '/words\[256\]/,/^};/s/^    //p' "$srcdir/src/model/plan_words.c" |
		grep -oE '[a-z]+' | paste -s -d '|' -)
	cp "$srcdir/tests/tui/pseudo.words" "$T/allowed"
	echo "s#($word)( ($word)){4}##" >>"$T/allowed"
}

# Lines with words in plain letters, and the words: what is allowed is taken away first.
english() {
	sed -E -f "$T/allowed" "$1" |
		awk -v names="$T/names" '
			BEGIN { while ((getline name <names) > 0) known[name] = 1 }
			{
				found = ""
				n = split($0, words, /[^A-Za-z0-9_.@-]+/)
				for (i = 1; i <= n; i++) {
					sub(/^[^A-Za-z]+/, "", words[i])
					sub(/[^A-Za-z0-9]+$/, "", words[i])
					if (words[i] ~ /[A-Za-z][a-z][A-Za-z]/ && !(words[i] in known))
						found = found " " words[i]
				}
				if (found) print NR ":" found
			}' >"$T/found"
	[ ! -s "$T/found" ] || {
		fail "$2: words that nobody translated:"
		while IFS=: read -r line words; do
			printf '%s\n   %s\n' "$words" "$(sed -n "${line}p" "$1")"
		done <"$T/found" | head -40 >&2
	}
}

look() { # SIZE
	for path in $(scripts); do
		play "pseudo $1" "" "$path" --size "$1" --foreign
		gather txt | grep -v '^=== ' >"$T/seen"
		[ -s "$T/seen" ] || continue # nothing is dumped
		PICTURES=$((PICTURES + $(find "$T/out.d" -name '*.txt' | wc -l)))
		[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp "$T/seen" "$KEEP/$name-$1.txt"; }
		english "$T/seen" "$name at $1"
	done
}

# A verb of the command line; what it says about commands and output of devices begins with $ and |.
say() {
	rm -rf "$T/state"
	cp -R "$T/fresh" "$T/state"
	./hitless --state "$T/state" "$@" >"$T/said" 2>&1 </dev/null
	grep -vE '^ +[$|] ' "$T/said" >"$T/seen"
	[ -s "$T/seen" ] || fail "hitless $* says nothing"
	[ -z "${KEEP:-}" ] || cp "$T/seen" "$KEEP/$(echo "$*" | tr ' /' '__').out"
	english "$T/seen" "hitless $*"
}

# The check itself: English is seen.
check_check() {
	echo "leaf01 waits for leaf02 acid actor adult agent album arch" >"$T/seen"
	(english "$T/seen" check) >/dev/null 2>&1
	[ "$(cat "$T/found")" = "1: waits for arch" ] || fail "English is not seen: $(cat "$T/found")"
}

make_fixture
make_language
make_names >"$T/names"
[ "$(wc -l <"$T/names")" -gt 50 ] || fail "the procedures have no names"
make_allowed
check_check
HITLESS_LOCALE_DIR=$T/locale LANGUAGE=xx LC_ALL=C.UTF-8
export HITLESS_LOCALE_DIR LANGUAGE LC_ALL
look 80x24
look 120x40
if [ -z "${SCREENS:-}" ]; then
	for job in done mixed refused ready held running; do
		say show "$job"
		say report "$job" --format text
	done
	say show mixed --device leaf02
	say show refused --device leaf02
	say jobs
	say locks
	say credential list
	say inventory list
	say procedure show cumulus-linux
	say plan --name other --to 4.2.0
	say retry mixed leaf01
	say retry mixed nobody
	say show nobody
	say nonsense
	say inventory import /nowhere/at/all
	say image add /dev/null
	say procedure check /dev/null
fi
finish
