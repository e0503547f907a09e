#!/bin/sh
# SPDX-License-Identifier: ISC
# Every screen in every language there is a translation for: the pictures, and no word is cut.
. "${srcdir:-.}/tests/tui/golden-lib.sh"

HITLESS_LOCALE_DIR=$T/locale
export HITLESS_LOCALE_DIR LANGUAGE

make_fixture
LC_ALL=C.UTF-8 # any locale but C lets LANGUAGE choose
for LANGUAGE in $(sed 's/#.*//' "$srcdir/po/LINGUAS"); do
	mkdir -p "$T/locale/$LANGUAGE/LC_MESSAGES"
	msgfmt -o "$T/locale/$LANGUAGE/LC_MESSAGES/hitless.mo" "$srcdir/po/$LANGUAGE.po" || exit 99
	each "$LANGUAGE" "" --size 80x24 --foreign
	each "$LANGUAGE-wide" "" --size 120x40 --foreign
done
finish
