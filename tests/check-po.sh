#!/bin/sh
# SPDX-License-Identifier: ISC
# Every language of po/LINGUAS has a translation of every text there is, none of them a guess, and
# with formats that take the same arguments. Without xgettext the texts of the files are compared
# with nothing newer than themselves.
set -eu
LC_ALL=C
export LC_ALL
cd "${top_srcdir:-.}"
command -v msgfmt >/dev/null || exit 77
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
languages=$(sed 's/#.*//' po/LINGUAS)
[ -n "$languages" ]
if command -v xgettext >/dev/null; then
	options=$(sed -n 's/^XGETTEXT_OPTIONS = //p' po/Makevars)
	# $options is a list on purpose
	# shellcheck disable=SC2086
	xgettext $options -f po/POTFILES.in -o "$T/now.pot"
	[ "$(grep -c '^msgid ' "$T/now.pot")" -gt 1000 ]
fi
bad=0
for language in $languages; do
	msgfmt -c -o /dev/null "po/$language.po" || bad=1
	cp "po/$language.po" "$T/whole.po"
	[ ! -f "$T/now.pot" ] ||
		msgmerge -q --no-fuzzy-matching "po/$language.po" "$T/now.pot" -o "$T/whole.po"
	said=$(msgfmt --statistics -o /dev/null "$T/whole.po" 2>&1)
	case $said in
	*fuzzy*|*untranslated*)
		echo "$language: $said"
		{ msgattrib --untranslated "$T/whole.po"; msgattrib --only-fuzzy "$T/whole.po"; } |
			grep -A1 '^#: '
		bad=1
		;;
	esac
done
exit $bad
