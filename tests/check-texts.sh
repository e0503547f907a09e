#!/bin/sh
# The words of the procedures that are offered for translation are those of the procedures.
set -eu
cd "${top_srcdir:-.}"
made=$(src/procedures/texts.sh src/procedures/*.json)
[ "$made" = "$(cat src/procedures/texts.c)" ] || {
	echo "src/procedures/texts.c is not up to date: make texts"
	exit 1
}
[ "$(printf '%s\n' "$made" | grep -c N_)" -gt 100 ]
