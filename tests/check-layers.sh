#!/bin/sh
# The rooms of src/ and who may include whom; foreign headers stay in their room; no vendor name in
# C outside the lab. A planted violation of each kind has to be found, or the check itself fails.
set -eu

top=${top_srcdir:-.}

# room: rooms it may include (itself is allowed)
rules='
base:
model:base
plan:base model
engine:base model
transport:base model
store:base model
run:base model plan engine transport store
lab:base
cli:base model plan engine transport store run lab
tui:base model plan engine transport store run
'

# header pattern: the rooms that may include it
foreign='
<curses|<ncurses:tui
<libssh/:transport lab
<sqlite3:store
<pcre2:model
<graphviz/:model
<openssl/:model lab transport
<archive:run
<cjson/:model engine store plan run cli lab
'

allowed() { # list word
	for w in $1; do [ "$w" != "$2" ] || return 0; done
	return 1
}

check_tree() { # directory that holds the rooms
	bad=0
	for dir in "$1"/*/; do
		room=$(basename "$dir")
		line=$(printf '%s' "$rules" | grep "^$room:" || true)
		[ -n "$line" ] || continue
		may="$room ${line#*:}"
		for other in $(cat "$dir"*.[ch] 2>/dev/null |
			sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' | sort -u); do
			allowed "$may" "$other" || { echo "$room includes $other/"; bad=1; }
		done
		printf '%s' "$foreign" | grep . >"$tmp/foreign"
		while IFS=: read -r pattern rooms; do
			if grep -qE "^#include ($pattern)" "$dir"*.[ch] 2>/dev/null; then
				allowed "$rooms" "$room" || { echo "$room includes $pattern"; bad=1; }
			fi
		done <"$tmp/foreign"
		if [ "$room" != lab ] && grep -nEi \
			'cumulus|junos|clagd|clagctl|onie|netq|microceph|microovn|calico|srx|snapd' \
			"$dir"*.[ch] 2>/dev/null; then
			echo "$room names a vendor: that belongs into a procedure"
			bad=1
		fi
	done
	return $bad
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

plant() { # room, text: a tree with this one line in it must be refused
	rm -rf "$tmp/src"
	mkdir -p "$tmp/src/$1"
	printf '%s\n' "$2" >"$tmp/src/$1/planted.c"
	if check_tree "$tmp/src" >/dev/null; then
		echo "the check does not see: $2 in $1/"
		exit 1
	fi
}

plant base '#include "model/json.h"'
plant engine '#include "store/store.h"'
plant model '#include <libssh/libssh.h>'
plant run '#include <sqlite3.h>'
plant cli '#include <archive.h>'
plant engine '/* as Junos does */'

# A folder of tests whose list is not included is run by nobody, and nobody notices.
check_lists() { # a tree: each tests/*/local.am is included
	for list in "$1"/tests/*/local.am; do
		grep -q "^include ${list#"$1"/}\$" "$1/tests/local.am" || { echo "$list is not included"; return 1; }
	done
}
mkdir -p "$tmp/tests/lost"
: >"$tmp/tests/lost/local.am"
: >"$tmp/tests/local.am"
if check_lists "$tmp" >/dev/null; then
	echo "the check does not see a list that is not included"
	exit 1
fi

check_lists "$top"
check_tree "$top/src"
echo "layers are kept"
