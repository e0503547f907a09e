#!/bin/sh
# SPDX-License-Identifier: ISC
# What can be handed on: the report in its three formats, the bundle, the proof of the journal, errors,
# history and estimates, of a state directory with jobs in every state, and of a hostile one.
. "${srcdir:-.}/tests/cli/lib.sh"

S=$TMP/state H=$TMP/hostile
skipped=
tests/tui/fixture "$S" >"$TMP/out" 2>&1 || { cat "$TMP/out" >&2; exit 99; }
tests/run/hostile "$H" || exit 99

# --- JSON: all that there is, and nothing else
for job in done mixed refused ready held running; do
	expect 0 report "$job" --format json --output "$TMP/$job.json"
done
"$PROG" --state "$H" report hostile --format json >"$TMP/hostile.json" || fail "no report of hostile"
python=
for p in /usr/bin/python3 python3; do
	[ -n "$python" ] || { "$p" -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null && python=$p; }
done
if [ -n "$python" ]; then
	"$python" "$srcdir/tests/cli/schema.py" "$srcdir/src/cli/report.schema.json" \
		"$TMP"/done.json "$TMP"/mixed.json "$TMP"/refused.json "$TMP"/ready.json "$TMP"/held.json \
		"$TMP"/running.json "$TMP"/hostile.json >"$TMP/out" 2>&1 || fail "schema: $(cat "$TMP/out")"
else
	skipped="$skipped schema(no python3-jsonschema)"
fi
expect 0 report mixed --format json && cp "$TMP/out" "$TMP/again"
expect 0 report mixed --format json && cmp -s "$TMP/out" "$TMP/again" || fail "two reports of one journal differ"

# --- the journal proves itself
expect 0 verify mixed && shown 'complete and unchanged'
head=$(sed -n 's/^Head *//p' "$TMP/out")
grep -qF "\"$head\"" "$TMP/mixed.json" || fail "the report does not carry the head $head"
expect 0 verify mixed --head "$head" && shown 'nothing up to there was changed'
expect 1 verify done --head "$head" && said 'no record has the noted head'
expect 0 --json verify mixed --head "$head" && shown '"noted_found":true' && shown '"complete":true'
cp -R "$S" "$TMP/forged"
if command -v sqlite3 >/dev/null; then
	sqlite3 "$TMP/forged/hitless.db" "update journal set data = replace(data, 'Input/output error', 'no error')
		where data like '%Input/output error%'"
else
	sed -i 's#Input/output error#Input/output errer#g' "$TMP"/forged/hitless.db*
fi
for words in "verify mixed" "report mixed --format html" "bundle mixed --output $TMP/forged.tar.gz"; do
	# shellcheck disable=SC2086
	"$PROG" --state "$TMP/forged" $words >"$TMP/out" 2>"$TMP/err" </dev/null && fail "forged, and nobody sees it: $words"
	said 'is not what was written'
done
[ ! -e "$TMP/forged.tar.gz" ] || fail "a bundle of a forged journal"

# --- HTML: one file, nothing of a device in it that is not escaped
html() { "$PROG" --state "$1" report "$2" --output "$TMP/$2.html" || fail "no HTML of $2"; }
for job in done mixed refused held running; do html "$S" "$job"; done
html "$H" hostile
for job in done mixed refused held running hostile; do
	f=$TMP/$job.html
	for bad in '<script' '<img' '<link' '<iframe' '<[a-z][^>]* src=' '<[a-z][^>]* on[a-z]*=' 'url(' '@import'; do
		grep -qi -- "$bad" "$f" && fail "$job.html has $bad"
	done
	grep -o 'href="[^"]*' "$f" | grep -v '^href="#' >"$TMP/out" && fail "$job.html leads elsewhere: $(head -1 "$TMP/out")"
	LC_ALL=C grep -q '[^[:print:][:space:]]' "$f" && LC_ALL=C.UTF-8 grep -qP '[\x00-\x08\x0b-\x1f\x7f-\x9f\x{202a}-\x{202e}]' "$f" &&
		fail "$job.html has control characters"
	iconv -f UTF-8 -t UTF-8 "$f" >/dev/null 2>&1 || fail "$job.html is no UTF-8"
done
grep -qF '&lt;script&gt;document.title=&#39;PWNED&#39;' "$TMP/hostile.html" || fail "the script is not shown as text"
grep -qF '&lt;U+202E&gt;evil' "$TMP/hostile.html" || fail "bidi is not shown"
grep -qF 'HUSH' "$TMP/hostile.html" "$TMP/hostile.json" && fail "a secret in the report"
grep -qF '[removed: SNMP community]' "$TMP/hostile.html" || fail "it does not say that something was removed"
grep -qF 'set community 65000:100 additive' "$TMP/hostile.html" || fail "a BGP community was taken for a secret"
grep -qF 'sudo: a password is required' "$TMP/hostile.html" || fail "words about passwords were taken for one"
"$PROG" --state "$H" report hostile >"$TMP/out" && grep -qF HUSH "$TMP/out" && fail "a secret in the text"

# a device that is under way is no failure, and no success: what comes after it is still to come
expect 0 report running && shown 'not yet' && not_shown MISSING
grep -q 'snapshots are still to come' "$TMP/running.html" || fail "what is to come is not told"
grep -q 'No difference' "$TMP/refused.html" "$TMP/mixed.html" && fail "no difference, and much is missing"

# --- in a browser: it is drawn, it runs nothing, it asks for nothing
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
browse() { # FILE OUT: the DOM; the console in OUT.log, what was asked for in OUT.urls
	rm -rf "$TMP/profile"
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$TMP/profile" \
		--disable-background-networking --disable-component-update --disable-sync --no-first-run \
		--enable-logging=stderr --log-net-log="$2.net" --dump-dom "file://$1" >"$2" 2>"$2.log"
	grep -o '"url":"[a-z]*:[^"]*' "$2.net" | sort -u >"$2.urls"
}
if [ -n "$browser" ] && browse /dev/null "$TMP/none"; then
	echo '<img src="http://planted.invalid/x.png"><script>console.log("planted")</script>' >"$TMP/planted.html"
	browse "$TMP/planted.html" "$TMP/planted"
	grep -q planted.invalid "$TMP/planted.urls" || fail "a request would not be seen"
	grep -q 'CONSOLE.*planted' "$TMP/planted.log" || fail "a message of the console would not be seen"
	for job in hostile mixed; do
		browse "$TMP/$job.html" "$TMP/dom"
		grep -q 'CONSOLE' "$TMP/dom.log" && fail "$job: $(grep CONSOLE "$TMP/dom.log" | head -3)"
		grep -vxFf "$TMP/none.urls" "$TMP/dom.urls" | grep -v '"url":"file:' |
			grep -Ev '"url":"https?://[a-z0-9.]*(google|googleapis|gvt1)\.com/' >"$TMP/asked" && # the browser's own
			fail "$job asks for $(head -3 "$TMP/asked")"
		[ "$(grep -c '<section id=' "$TMP/dom")" -eq 12 ] || fail "$job: $(grep -c '<section id=' "$TMP/dom") sections"
		grep -q "<title>Report of job \"$job\"</title>" "$TMP/dom" || fail "$job: another title"
	done
	for text in '! failed</span> 9 done, 1 failed, 1 rolled back' 'Stage 2: leaf' 'The image could not be installed on leaf02' \
		'Staging installer image...failed.' '&lt; rolled back' 'gone with the reboot' 'retry spine01' \
		'<rect class="p' 'redundancy groups apart' "$head" '44:38:39'; do
		grep -qF -- "$text" "$TMP/dom" || fail "the browser does not show: $text"
	done
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$TMP/profile" --window-size=1280,3000 \
		--screenshot="$TMP/shot.png" "file://$TMP/mixed.html" >/dev/null 2>&1
	[ "$(wc -c <"$TMP/shot.png")" -gt 50000 ] || fail "an empty picture"
else
	skipped="$skipped browser(no chromium)"
fi

# --- the bundle
expect 0 bundle mixed --output "$TMP/b.tar.gz" && shown journal.jsonl && shown devices/leaf02.txt
[ "$(stat -c %a "$TMP/b.tar.gz")" = 600 ] || fail "others can read the bundle"
mkdir "$TMP/b" && tar -xzf "$TMP/b.tar.gz" -C "$TMP/b" --strip-components=1 || fail "no archive"
(cd "$TMP/b" && sed -n 's/^\([0-9a-f]\{64\}\) *[0-9]*  /\1  /p' CONTENTS | sha256sum -c --quiet) || fail "CONTENTS is wrong"
for f in report.json report.html report.txt journal.jsonl procedure.json inventory.json versions.txt; do
	[ -s "$TMP/b/$f" ] || fail "$f is not in the bundle"
done
# what it says of this machine is what the doctor says (free space and the time are not looked at)
judged() {
	grep -oE '"id":"[a-z-]+","title":"[^"]*","level":"[a-z]+"|libssh [^"]*ncurses [0-9][^"]*' | sort
}
"$PROG" --state "$S" --json doctor 2>"$TMP/err" | judged >"$TMP/doctor"
judged <"$TMP/b/doctor.json" >"$TMP/bundled"
grep -q 'ncurses 6' "$TMP/bundled" && cmp -s "$TMP/doctor" "$TMP/bundled" ||
	fail "the doctor of the bundle differs: $(diff "$TMP/doctor" "$TMP/bundled")"
expect 0 bundle mixed --device leaf02 --output "$TMP/d.tar.gz" && not_shown spine01
tar -xzOf "$TMP/d.tar.gz" --wildcards '*/journal.jsonl' '*/report.json' | grep -q '"device":"spine01"' && fail "other devices in it"
tar -xzOf "$TMP/d.tar.gz" --wildcards '*/devices/leaf02.txt' | grep -q 'could not stage installer' || fail "no output in it"
tar -xzOf "$TMP/d.tar.gz" --wildcards '*/CONTENTS' | tr -s '\n ' ' ' |
	grep -q "leaf02: steps, .* of other devices are left out. The job's request, its plan and the log are whole" ||
	fail "it does not say what is about others, too"
expect 0 bundle --help && shown 'request and plan of the job stay whole'
"$PROG" --state "$H" bundle hostile --output "$TMP/h.tar.gz" >"$TMP/out" || fail "no bundle of hostile"
tar -xzOf "$TMP/h.tar.gz" >"$TMP/h.all"
grep -a -o '.\{30\}HUSH.\{10\}' "$TMP/h.all" >"$TMP/out" && fail "a secret in the bundle: $(head -3 "$TMP/out")"
grep -aq 'removed: private key' "$TMP/h.all" || fail "no key was removed"
bad 'is not a device of this job' bundle mixed --device nobody
expect 0 --json bundle mixed --output "$TMP/b.tar.gz" && shown '"contents":['

# --- errors, history, jobs, estimates
expect 0 errors mixed && shown 'Causes: 2, devices: 2' && shown "hitless retry 'mixed' leaf02"
expect 0 errors && shown 'in "refused"'
expect 0 errors --match mixed && shown 'Causes: 2'
expect 0 errors done && shown 'Nothing has failed'
expect 0 --json errors && shown '"type":"errors"' && shown '"cards":['
expect 0 history && shown 'LAST RESULT'
expect 0 history leaf02
[ "$(sed -n '2,$s/  .*//p' "$TMP/out" | tr '\n' ',')" = 'running,partly,roleless,ready,refused,mixed,done,' ] || fail "history of leaf02: $(cat "$TMP/out")"
expect 0 --json history leaf02 && shown '"failed_phase":"Install"'
expect 0 jobs --only failed --names && shown mixed
expect 0 jobs --only failed && shown mixed && not_shown refused
expect 0 jobs --device fw1 --to 4.1.1 && shown done && not_shown mixed
bad 'no state' jobs --only finished
bad 'is no time' jobs --since yesterday
expect 0 jobs --since 2026-11-20 && shown mixed && not_shown 'done  '
expect 0 jobs --stats && shown '9 jobs' && shown 'Done at the first try: 24 of 25'
expect 0 --json jobs --stats && shown '"first_try":24'
expect 0 show running # nothing goes on: no end is foretold
shown 'No process works on the job; work left: ' && not_shown 'done by' && not_shown 'over by'
grep -E '^spine03 .* ([0-9]+[ms]/| step limit)' "$TMP/out" && fail "time goes on, and there is no process"
expect 0 --json show running && shown '"forecast":{"copies":{"devices":8,"done":2,"running":1'
shown '"waits":"process"'
expect 0 --json show mixed && shown '"source":"model"' && shown '"copies_ms"'
expect 0 --json show done && shown '"source":"shipped"'
expect 0 estimate list && shown '25 runs on this model' && shown stage-image
expect 0 --json estimate list --step install && shown '"p95_ms"' && not_shown stage-image
bad 'what is to be forgotten' estimate forget
expect 0 estimate forget --step install && shown 25
expect 0 estimate list --step install && said 'nothing was learnt'
expect 0 estimate forget --all
expect 0 --json estimate list && shown '"estimates":[]'

# --- a waiver counts wherever errors are counted
expect 0 show refused && shown 'refused: pre-checks: 4 errors'
expect 3 waive refused space --reason 'there is room'
expect 0 show refused && shown 'Pre-checks: 488 passed, 3 errors' && not_shown '4 errors'
[ "$(grep -c 'refused: pre-checks: 3 errors, 0 unknown, 3 warnings' "$TMP/out")" -eq 2 ] || fail "other counts: $(cat "$TMP/out")"

# --- a report in a format that nobody asked for is not written
bad 'is none of .txt, .json, .html' report mixed --output "$TMP/x.pdf"
[ ! -e "$TMP/x.pdf" ] || fail "it was written in spite of it"
expect 0 report mixed --output "$TMP/x.pdf" --format text && grep -q '^Report of job "mixed"' "$TMP/x.pdf" || fail "no text"

# --- the name of a bundle means nothing to a shell
(
	srcdir=$(cd "$srcdir" && pwd)
	mkdir "$TMP/odd" && cd "$TMP/odd" || exit 1
	hitless=$PROG
	"$hitless" --state "$S" check --name "a<b>\$(c)\"&';d e" --to 4.2.0 --hosts leaf02 >/dev/null 2>&1 </dev/null
	"$hitless" --state "$S" bundle "a<b>\$(c)\"&';d e" >/dev/null 2>&1
	[ "$(ls)" = 'hitless-a_b___c_____d_e.tar.gz' ] || { ls; exit 1; }
) >"$TMP/out" 2>&1 || fail "the name of the bundle: $(cat "$TMP/out")"

[ -z "$skipped" ] || echo "skipped:$skipped"
finish
