#!/bin/sh
# Every source with words for people is in the list of the translators, and the words of the
# procedures that are offered to them are those of the procedures.
set -eu
cd "${top_srcdir:-.}"
made=$(src/procedures/texts.sh src/procedures/*.json)
[ "$made" = "$(cat src/procedures/texts.pot)" ] || {
	echo "src/procedures/texts.pot is not up to date: make texts"
	exit 1
}
[ "$(printf '%s\n' "$made" | grep -c ^msgid)" -gt 100 ]
bad=0
# (what the lab says is for its makers and stays in English)
for file in $(grep -lE '(^|[^A-Za-z_])(((NC|[NMC])?_|ngettext)\("|(err_set|err_sys|json_bad|cli_bad)\([^)]*")' \
	src/*/*.[ch] src/*.c | grep -v -e '^src/lab/' -e '^src/base/err\.h$'); do
	grep -qx "$file" po/POTFILES.in || { echo "$file is not in po/POTFILES.in"; bad=1; }
done
for file in $(grep -v '^#' po/POTFILES.in); do
	[ -f "$file" ] || { echo "po/POTFILES.in names $file, which is not there"; bad=1; }
done
exit $bad
