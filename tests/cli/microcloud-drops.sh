#!/bin/sh
# SPDX-License-Identifier: ISC
# A MicroCloud whose sessions drop: every command of every step once before it is run and once after.
# The end is the same, and nothing is done twice that must not be: the lab counts. Which steps there
# are is read from the procedure: one whose session was never dropped is named.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

command -v python3 >/dev/null || { echo 'the steps of the procedure take python3'; exit 77; }
# not_dropped forward|rollback: steps of that way, and their commands, whose session was not dropped
# twice in the lab
not_dropped() {
	"$PROG" procedure show microcloud --json >"$TMP/procedure.json" || fail 'no procedure'
	python3 - "$TMP/procedure.json" "$L/lab.log" "$1" <<'PY'
import json, re, sys
p = json.load(open(sys.argv[1]))['procedure']
dropped = [json.loads(line) for line in open(sys.argv[2]) if '"event":"dropped"' in line]
dropped = [(d['device'], d['detail']) for d in dropped]
method = p['methods'][0]
if sys.argv[3] == 'rollback':
    names = method['rollback']
else:
    names = [s for c in method['components'] for s in c['steps'] + c.get('gate', [])]
def commands(s):
    for key in 'run', 'wait', 'get', 'reboot':
        if key in s:
            yield key, s[key]
    if 'detach' in s:
        yield 'start', s['detach']['start']
        yield 'poll', s['detach']['poll']['run']
    if 'done_when' in s:
        yield 'done_when', s['done_when']['run']
    if 'undo' in s:
        yield 'undo', s['undo']['run']
    for f in p['facts'] if 'facts' in s else []:
        yield f['name'], f['command']
    for c in p['snapshot'] if 'snapshot' in s else []:
        yield c['element'], c['command']
    for c in p['checks']:
        if c['name'] in s.get('check', []) and 'command' in c:
            yield c['name'], c['command']
asked = 0
for name in sorted(set(names)):
    for what, template in commands(p['steps'][name]):
        asked += 1
        parts = re.split(r'\$\{[a-z0-9_.-]+\}', template)
        text = re.compile('.*'.join(re.escape(x.replace('$$', '$')) for x in parts), re.S)
        n = sum(1 for d in dropped if text.fullmatch(d[1]))
        if n < 2:
            print('%s (%s): %d times' % (name, what, n))
print('asked', asked)
PY
}
all_dropped() { # WAY LEAST
	not_dropped "$1" >"$TMP/missing" || fail 'the steps cannot be read'
	[ "$(sed -n 's/^asked //p' "$TMP/missing")" -ge "$2" ] || fail "few commands: $(tail -n 1 "$TMP/missing")"
	! grep -v '^asked' "$TMP/missing" || fail "a session that was not dropped, above ($1)"
}
# once EVENT N TEXT: so often on each member, no more and no less
once() {
	for m in 1 2 3; do
		n=$(events "$1" | grep -c "^micro0$m $3")
		[ "$n" -eq "$2" ] || fail "micro0$m: $1 $3 $n times"
	done
}

cloud 3 drops
expect 0 lab fault --dir "$L" '*:all-live'
expect 0 lab fault --dir "$L" '*:drops-each=refresh --hold'
expect 0 upgrade --to $TO --name drops --set evacuate=live --set backups=yes --set ask=no --yes
shown '3 done, 0 failed'
expect 0 snapshot compare drops && not_shown 'removed'
shown '0 real, 12 expected' # and no instance was started anew
all_dropped forward 60
for snap in microceph microovn lxd microcloud; do once refresh-begin 1 "$snap "; done
for what in evacuate restore; do once $what-begin 2 ''; done # around microceph and microovn
[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail 'noout is left behind'
grep -o '"event":"election-timer","detail":"[^"]*"' "$L/lab.log" | sort | uniq -d | grep . &&
	fail 'an election timer was changed twice'
judged

# The way back: the hold of micro02 has slipped, it has refreshed by itself before its turn
cloud 3 back
expect 0 lab fault --dir "$L" 'micro02:fails=osd ok-to-stop'
expect 4 upgrade --to $TO --name all --set ask=no --timeout ceph-spare=60 --yes
shown 'The storage cannot spare the OSDs of micro02'
expect 0 lab fault --dir "$L" --clear micro02
expect 0 lab fault --dir "$L" micro02:hold-slipped=microceph
slipped() {
	ssh_to micro02 'snap list microceph; snap changes microceph' && ! grep -q ' 1271 \| Doing ' "$TMP/out"
}
wait_for 60 slipped || fail "micro02 has not refreshed by itself: $(cat "$TMP/out")"
expect 0 lab fault --dir "$L" '*:drops-each'
expect 4 rollback all micro02
expect 0 show all && shown '1 rolled back'
all_dropped rollback 15
[ "$(events revert-begin | grep -c .)" -eq 1 ] || fail "reverted: $(events revert-begin)"
[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail 'noout is left behind by the way back'
judged
finish
