#!/bin/sh
# SPDX-License-Identifier: ISC
# The words of the procedures that people read, as marks for translation: texts.c (never compiled).
# texts.sh FILE.json... >texts.c
cat <<'HEAD'
/* SPDX-License-Identifier: ISC */
/* Made by texts.sh from the procedures, so that their words can be translated. Not compiled. */
HEAD
for file in "$@"; do
	grep -oE '"(title|help|group|phase|state|unit|noun|nouns|unstaged)": *"([^"\\/]|\\.)([^"\\]|\\.)*"' "$file" |
		sed -E 's/^"[a-z]+": *(".*")$/N_(\1)/'
	# sentences: templates of what is said (model/phrases.h)
	grep -oE '"(message|message_unknown|advice|advice_unknown|cause|question)": *"([^"\\]|\\.)+"' "$file" |
		sed -E 's/^"[a-z_]+": *(".*")$/N_(\1)/' | grep ' '
done | LC_ALL=C sort -u
