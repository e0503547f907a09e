#!/bin/sh
# SPDX-License-Identifier: ISC
# Every screen in every language there is a translation for: its pictures, and no word of ours is
# cut.
. "${srcdir:-.}/tests/tui/golden-lib.sh"

HITLESS_LOCALE_DIR=$T/locale
export HITLESS_LOCALE_DIR LANGUAGE

# The pictures of the script that was played last are not those of English.
is_foreign() {
	gather txt >"$T/pictures"
	[ -s "$T/pictures" ] && ! cmp -s "$T/pictures" "$GOLDEN/80x24/$name.txt" ||
		fail "$name in $1: the pictures are in English"
	PICTURES=$((PICTURES + $(grep -c '^=== ' "$T/pictures")))
}

make_fixture
LC_ALL=C.UTF-8 # any locale but C lets LANGUAGE choose
for LANGUAGE in $(sed 's/#.*//' "$srcdir/po/LINGUAS"); do
	mkdir -p "$T/locale/$LANGUAGE/LC_MESSAGES"
	msgfmt -o "$T/locale/$LANGUAGE/LC_MESSAGES/hitless.mo" "$srcdir/po/$LANGUAGE.po" || exit 99
	each "$LANGUAGE" txt --size 80x24 --foreign
	is_foreign "$LANGUAGE"
	wide each "$LANGUAGE-wide" txt --size 120x40 --foreign
done
finish
