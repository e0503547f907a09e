#!/bin/sh
# SPDX-License-Identifier: ISC
# The formats of the messages that are kept in English (base/i18n.h), as a list of C strings.
# messages.sh XGETTEXT SRCDIR OUT "KEYWORD..." FILE...      an OUT that is the same is not touched
set -eu
xgettext=$1 srcdir=$2 out=$3 keywords=
for word in $4; do
	keywords="$keywords --keyword=$word"
done
shift 4
mkdir -p "${out%/*}"
# $keywords is a list on purpose
# shellcheck disable=SC2086
printf '%s\n' "$@" | grep -v '\.def$' |
	"$xgettext" --directory="$srcdir" --files-from=- --keyword $keywords --from-code=UTF-8 \
		--omit-header --no-location --no-wrap --sort-output -o "$out.po"
awk '/^msgid / { on = 1; text = ""; sub(/^msgid /, "") }
     /^msgstr / { if (on && text != "") print text "\t,"; on = 0 }
     on && /^".+"$/ && $0 != "\"\"" { text = text "\t" $0 "\n" }' "$out.po" >"$out.tmp"
rm "$out.po"
[ -s "$out.tmp" ]
cmp -s "$out.tmp" "$out" && rm "$out.tmp" || mv "$out.tmp" "$out"
