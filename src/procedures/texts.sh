#!/bin/sh
# SPDX-License-Identifier: ISC
# The words of the procedures that people read, for the translators: texts.pot.
# texts.sh FILE.json... >texts.pot
cat <<'HEAD'
# SPDX-License-Identifier: ISC
# Made by texts.sh from the procedures, so that their words can be translated.
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"
HEAD
for file in "$@"; do
	grep -oE '"(title|help|group|phase|state|element|unit|noun|nouns|unstaged|called)": *"([^"\\/]|\\.)([^"\\]|\\.)*"' "$file" |
		sed -E 's/^"[a-z]+": *(".*")$/msgid \1/'
	# sentences: templates of what is said (model/phrases.h)
	grep -oE '"(message|message_unknown|advice|advice_unknown|advice_wait|cause|question|impact|text|done_stays)": *"([^"\\]|\\.)+"' "$file" |
		sed -E 's/^"[a-z_]+": *(".*")$/msgid \1/' | grep ' .* '
done | LC_ALL=C sort -u | sed 's/$/\nmsgstr ""/; s/^msgid/\n&/'
