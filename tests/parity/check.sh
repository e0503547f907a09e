#!/bin/sh
# SPDX-License-Identifier: ISC
# The tables against the program and the tests: every row has all of its cells; each command
# is a verb with that option; each screen:word is an action of that screen; each test file is there
# and holds what is named. A cell that is still to be filled (TODO) fails.
set -u
srcdir=${srcdir:-.}
PROG=${PROG:-$PWD/hitless}
HITLESS_DATA_DIR=$(cd "$srcdir" && pwd)/src
LC_ALL=C
export HITLESS_DATA_DIR LC_ALL
TMP=$(mktemp -d) || exit 99
trap 'rm -rf "$TMP"' EXIT
FAILED=0

bad() {
	echo "FAILED: $*" >&2
	FAILED=$((FAILED + 1))
}

# The rows as lines of four cells with a tab between them; "\|" is a bar in a cell.
rows() {
	sed -n '/^| Feature or rule/d; /^|---/d; s/^| \(.*\) |$/\1/p' "$1" |
		sed 's/\\|/\x01/g; s/ | /\t/g; s/\x01/|/g'
}

help_of() { # words of a verb: its help, asked for once
	name=$(echo "$*" | tr ' /' '__')
	[ -e "$TMP/help_$name" ] || "$PROG" "$@" --help >"$TMP/help_$name" 2>/dev/null ||
		rm -f "$TMP/help_$name"
	[ -e "$TMP/help_$name" ] && cat "$TMP/help_$name"
}

# "VERB [VERB] [--option]"
command_is() {
	option=$(echo "$1" | grep -o -- ' --[a-z-]*' | head -n 1)
	verb=${1%% --*}
	# shellcheck disable=SC2086
	help=$(help_of $verb) || return 1
	echo "$help" | grep -q "^usage: hitless .*$verb" || return 1
	[ -z "$option" ] || [ "$option" = " --json" ] || echo "$help" | grep -q -- "^ $option\b"
}

# "SCREEN:WORD": in the table of the screen's file, from which footer, help and commands are made
key_is() {
	file=$srcdir/src/tui/${1%%:*}.c
	[ -e "$file" ] && awk '/struct key_action/, /^};/' "$file" | grep -q "^    {\"${1#*:}\","
}

check_command() { # a cell
	printf '%s' "$1" | grep -o '`[^`]*`' | tr -d '`' >"$TMP/words"
	while read -r word; do
		case $word in
		'hitless '*) command_is "${word#hitless }" || bad "no such command: $word ($2)" ;;
		--json | --set* | order) ;;
		*:*) key_is "$word" || bad "no such key: $word ($2)" ;;
		*) bad "neither a command nor a key: $word ($2)" ;;
		esac
	done <"$TMP/words"
	[ -s "$TMP/words" ] || bad "no command and no key ($2)"
}

# A word alone in a C file has to be the name of a test or of a row, not just any word of it.
names_a_test() { # FILE WORD
	case $1 in *.c) ;; *) return 0 ;; esac
	case $2 in *[!a-z0-9_-]*) return 0 ;; esac
	grep -qE "(cmocka_unit_test[a-z_]*|[A-Z_]+)\($2[,)]|\.name = \"$2\"|^[[:space:]]*$2,$" "$1"
}

check_test() { # "`FILE`: TEXT"
	file=$(printf '%s' "$1" | sed -n 's/^`\([^`]*\)`: .*/\1/p')
	text=$(printf '%s' "$1" | sed -n 's/^`[^`]*`: \(.*\)/\1/p')
	if [ -z "$file" ] || [ -z "$text" ]; then
		bad "no test is named ($2)"
	elif [ ! -e "$srcdir/$file" ]; then
		bad "there is no file $file ($2)"
	elif ! grep -qF -- "$text" "$srcdir/$file"; then
		bad "$file holds no \"$text\" ($2)"
	elif ! names_a_test "$srcdir/$file" "$text"; then
		bad "$file has no test called $text ($2)"
	fi
}

check_table() {
	rows "$1" >"$TMP/rows"
	[ "$(wc -l <"$TMP/rows")" -ge "$2" ] || bad "only $(wc -l <"$TMP/rows") rows"
	while IFS="$(printf '\t')" read -r feature source command test rest; do
		if [ -z "$feature" ] || [ -z "$source" ] || [ -z "$command" ] || [ -z "$test" ] ||
			[ -n "$rest" ]; then
			bad "not four cells: $feature"
			continue
		fi
		case $command$test in *TODO*)
			bad "to be done: $feature"
			continue
			;;
		esac
		case $command in
		*'not done by hitless, because '?*) ;;
		*'not done'*) bad "not done, and not why: $feature" ;;
		esac
		check_command "$command" "$feature"
		check_test "$test" "$feature"
	done <"$TMP/rows"
}

# The check itself: rows that are wrong have to be found.
planted() { # TEXT ROW
	printf '%s\n' "$2" >"$TMP/planted.md"
	found=$(FAILED=0; check_table "$TMP/planted.md" 0 2>&1)
	case $found in *"$1"*) ;; *) bad "the check does not see: $2" ;; esac
}
good='`tests/parity/check.sh`: planted'
planted 'not four cells' "| a |  | \`hitless jobs\` | $good |"
planted 'to be done' "| a | b | TODO(c) | $good |"
planted 'no such command' "| a | b | \`hitless fly\` | $good |"
planted 'no such command' "| a | b | \`hitless jobs --fly\` | $good |"
planted 'no such key' "| a | b | \`live:fly\` | $good |"
planted 'no command and no key' "| a | b | magic | $good |"
planted 'there is no file' '| a | b | `hitless jobs` | `tests/no.sh`: planted |'
planted 'holds no' '| a | b | `hitless jobs` | `tests/parity/netq.md`: xyz''zy |'
planted 'has no test called' '| a | b | `hitless jobs` | `tests/unit/difference.c`: diff |'
planted 'no test is named' '| a | b | `hitless jobs` | see above |'

planted 'not done, and not why' "| a | b | not done: \`hitless jobs\` | $good |"

# What must have a row of its own: has FILE BEGINNING...; a known fault may share one with others.
has() {
	file=$1
	shift
	for begin; do
		grep -qE "^\| $begin" "$srcdir/tests/parity/$file" || bad "$file has no row: $begin"
	done
}
check_table "$srcdir/tests/parity/netq.md" 350
for number in 2549319 2549344 2549246 2551569 3211317 3140425 3085064 3644644 3738840 3781503 3773879 \
	3819688 3876238 3863195 3948198 4001098 3995266 4309191 4606694 4693161 4786996 2843640 3772274 \
	3813819 3613811; do
	has netq.md "[0-9, ]*$number "
done
for reason in 0 1 2 3 4 5 6 8 9 10 11; do
	has netq.md "MLAG $reason "
done
check_table "$srcdir/tests/parity/hosts.md" 65
check_table "$srcdir/tests/parity/junos-issu.md" 50
check_table "$srcdir/tests/parity/junos.md" 90
[ "$FAILED" -eq 0 ] || { echo "$FAILED failed" >&2; exit 1; }
