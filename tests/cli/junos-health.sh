#!/bin/sh
# SPDX-License-Identifier: ISC
# Each health parameter of the Junos procedure fails once: exactly its check, with what it says and what
# to do. With "abort" off the job goes on and says for whom it is not hitless, before and after.
. "${srcdir:-.}/tests/cli/lib.sh"

TO=23.4R2-S3.9
lab_up junos-clos || finish
lab_images

# ids FILTER: names of the checks of the last JSON that are so, in order
ids() {
	"$PY" -c '
import json, sys
for c in json.load(sys.stdin)["checks"]:
    if eval(sys.argv[1], {}, c): print(c["check"])' "$1" <"$TMP/out" | sort | tr '\n' ' '
}
PY=$(command -v python3) || exit 77

# fault, check, the parameter that switches it off, parameters that leave nothing else to fail, what it
# says, what to do
n=0
while IFS='|' read -r fault check off set message advice; do
	n=$((n + 1))
	expect 0 lab fault --dir "$L" "$fault"
	# shellcheck disable=SC2086
	expect 3 --json check --to $TO --hosts leaf3 --name "h$n" $set
	[ "$(ids 'status == "failed"')" = "$check " ] || fail "$fault: $(ids 'status == "failed"')"
	shown "$message" && shown "$advice" && not_shown '"not_hitless"'
	not_shown '/data' # words, not a path in an answer
	# shellcheck disable=SC2086
	expect 0 check --to $TO --hosts leaf3 --name "o$n" $set --set "$off=no"
	not_shown "$message"
	expect 0 lab fault --dir "$L" --clear "${fault%%:*}"
done <<'EOF'
leaf3:link-down=et-0/0/51|bgp-state|bgp-state-check|--set bgp-down-check=no|A BGP peer of leaf3 is not established: expected \"Established\" for BGP peer \"10.99.|bgp-state-check
leaf3:link-down=et-0/0/51|bgp-down|bgp-down-check|--set bgp-state-check=no|More than 0 BGP peers of leaf3 are down: expected at most \"0\" for the number of peers that are down, got \"|raise bgp-down-count
leaf3:bgp-flaps=5|bgp-flaps|bgp-flap-check||has flapped more than 4 times: expected at most \"4\" for the flaps of \"10.99.|clear bgp neighbor statistics
leaf3:system-alarm|system-alarm|system-alarm-check||leaf3 has a system alarm|show system alarms on leaf3
leaf3:chassis-alarm|chassis-alarm|chassis-alarm-check||leaf3 has a chassis alarm|show chassis alarms on leaf3
leaf3:cpu-busy=59|re-cpu|re-cpu-check||is less than 60 % idle: expected at least \"60\" for the idle CPU in per cent, got \"59\"|show system processes extensive
leaf3:fpc-busy=51|fpc-cpu|fpc-cpu-check||uses more than 50 % of its CPU: expected at most \"50\" for line card \"0\", got \"51\"|show chassis fpc on leaf3
leaf3:fpc-heap=46|fpc-heap|fpc-heap-check||uses more than 45 % of its heap: expected at most \"45\" for line card \"0\", got \"46\"|show chassis fpc on leaf3
leaf3:storm-control=ae2|storm|storm-check||Storm control has shut a port of leaf3|find the loop
leaf3:lacp-down=ae2|lacp|lacp-check||A multihomed bundle of leaf3 is down|look at the server and its cable
leaf4:lacp-down=ae1|lacp-peer|lacp-peer-check||A multihomed bundle is down on a peer of leaf3|show lacp interfaces on leaf4
EOF
[ $n -eq 11 ] || fail "$n parameters"

# Abort off: the same is a warning, and the upgrade is not hitless; so it is when nothing is drained
expect 0 lab fault --dir "$L" leaf3:cpu-busy=59
expect 0 check --to $TO --hosts leaf3 --name off --set health-abort=no
shown 'WARNING   leaf3' && shown '! not hitless: 1 of 1 devices' && shown 'is less than 60 % idle'
expect 0 plan --to $TO --hosts leaf3,leaf4 --name off2 --set health-abort=no
shown '! not hitless: 1 of 2 devices' && shown '  leaf3 '
expect 0 lab fault --dir "$L" --clear leaf3
expect 0 check --to $TO --hosts leaf3 --name good && shown 'hitless: yes'
expect 0 check --to $TO --hosts leaf3 --name undrained --set drain=no
shown 'The traffic of leaf3 is not moved away first' && shown '! not hitless: 1 of 1 devices'

# Right before the drain and after the upgrade: what fails only then
expect 0 lab fault --dir "$L" leaf3:cpu-busy=59
for fault in routes-fewer=9 macs-fewer=9 input-errors=17@reboot input-drops=17@reboot \
	carrier-flaps=9@reboot bgp-flaps=5@reboot fpc-busy=51@reboot fpc-heap=46@reboot \
	storm-control=ae2@reboot chassis-alarm@reboot system-alarm@reboot; do
	expect 0 lab fault --dir "$L" "leaf3:$fault"
done
expect 0 upgrade --to $TO --hosts leaf3 --name went-on --set health-abort=no --yes
shown '! not hitless: 1 of 1 devices' && shown 'is less than 60 % idle'
shown 'Routes of leaf3 are missing after the upgrade: there were ' && not_shown '^back'
grep -q 'MAC addresses of leaf3 are missing.*: there were [0-9]*, there are [0-9]*$' "$TMP/out" ||
	fail 'how many MAC addresses there are is not said'
expect 0 --json show went-on
after='bgp-flaps-after carrier-after chassis-alarm-after fpc-cpu-after fpc-heap-after input-drops-after '
after="$after"'input-errors-after macs-after re-cpu re-cpu-after routes-after storm-after system-alarm-after '
[ "$(ids 'status == "warning" and severity == "warning" and check != "drained"')" = "$after" ] ||
	fail "after: $(ids 'status == "warning"')"
expect 0 report went-on --format json
"$PY" -c '
import json, sys
r = json.load(sys.stdin)
assert [x["check"] for x in r["not_hitless"]], r["not_hitless"]
assert r["devices"][0]["not_hitless"] == r["not_hitless"]
assert {x["check"] for x in r["not_hitless"]} == set(sys.argv[1].split())' "$after" <"$TMP/out" ||
	fail 'report: not_hitless'
"$PY" "${srcdir:-.}/tests/cli/schema.py" "$HITLESS_DATA_DIR/cli/report.schema.json" "$TMP/out" ||
	fail 'the report is not as its schema says'
expect 0 report went-on --format text && shown '! not hitless: 1 of 1 devices'
expect 0 report went-on --format html && shown 'not hitless: 1 of 1 devices'

# The same on another device, with abort on: switched off, none of them is looked at
for fault in routes-fewer=9 macs-fewer=9 input-errors=17@reboot input-drops=17@reboot \
	carrier-flaps=9@reboot; do
	expect 0 lab fault --dir "$L" "leaf1:$fault"
done
expect 0 upgrade --to $TO --hosts leaf1 --name unseen --yes --set interface-error-check=no \
	--set interface-drop-check=no --set carrier-check=no --set route-check=no --set mac-check=no
shown 'hitless: yes'
expect 0 --json show unseen
[ -z "$(ids 'status != "passed"')" ] || fail "unseen: $(ids 'status != "passed"')"
expect 0 lab fault --dir "$L" --clear leaf1
# its steps, in their order, and the configuration that was saved
expect 0 --json show unseen --device leaf1
steps=$("$PY" -c '
import json, sys
print(" ".join(s["step"] for s in json.load(sys.stdin)["steps"]
               if s["pass"] == "upgrade" and s["result"] == "done"))' <"$TMP/out")
all='gate health backup stage-image validate health-again baseline exports snapshot-before drain-peers drain'
all="$all drain-settle bundles-down wait-traffic install remember-boot reboot wait-boot wait-fpc wait-bgp"
all="$all undrain wait-lacp wait-lacp-peer snapshot-after health-after"
[ "$steps" = "$all" ] || fail "steps: $steps"
cat "$S"/jobs/*/leaf1/configuration.set >"$TMP/saved" 2>/dev/null
grep -q '^set system host-name leaf1' "$TMP/saved" || fail 'the configuration of leaf1 was not saved'
# the states of a device in maintenance, in their order
expect 0 bundle unseen --output "$TMP/unseen.tar.gz"
states=$(tar -xzOf "$TMP/unseen.tar.gz" --wildcards '*/journal.jsonl' |
	grep -o '"word":"[^"]*Maintenance[^"]*"\|"word":"Validating"' | uniq | cut -d'"' -f4 | tr '\n' ',')
activating='Activating Maintenance Mode,Maintenance Mode Activated,'
[ "$states" = "Validating,$activating${activating}Deactivating Maintenance Mode,Maintenance Mode Deactivated," ] ||
	fail "states: $states"

# What was down before and stays down ends no upgrade then, neither where it is waited for
expect 0 lab fault --dir "$L" leaf4:link-down=et-0/0/51
expect 0 lab fault --dir "$L" leaf4:lacp-down=ae2
expect 0 lab fault --dir "$L" leaf3:lacp-down=ae1 # of its peer
expect 0 upgrade --to $TO --hosts leaf4 --name was-down --set health-abort=no --yes
shown 'it goes on all the same, as ordered: A multihomed bundle of leaf4 does not come up: not within'
shown '! not hitless: 1 of 1 devices'
shown 'A multihomed bundle is down on a peer of leaf4 after the upgrade: '
expect 0 --json show was-down
down='bgp-down bgp-down-after bgp-state bgp-state-after lacp lacp-after lacp-peer lacp-peer-after '
[ "$(ids 'status == "warning" and severity == "warning"')" = "$down" ] ||
	fail "was down: $(ids 'status == "warning"')"
expect 0 lab fault --dir "$L" --clear leaf4
expect 0 lab fault --dir "$L" --clear leaf3

# Abort on: what begins to fail after the first look is seen right before the drain
expect 0 lab fault --dir "$L" leaf2:cpu-busy=59@upload
expect 1 upgrade --to $TO --hosts leaf2 --name late --yes
shown 'Health Check Failed on leaf2' && shown 'The traffic was not touched yet'
expect 0 --json show late
[ "$(ids 'status == "failed"')" = "re-cpu " ] || fail "late: $(ids 'status == "failed"')"
if grep -q '"device":"leaf2","event":"\(drain\|installed\|reboot\)"' "$L/lab.log"; then
	fail 'leaf2 was drained'
fi
expect 0 lab fault --dir "$L" --clear leaf2

# Abort on: what fails after the upgrade holds the job; corrected, a retry only checks again
expect 0 lab fault --dir "$L" leaf2:system-alarm@reboot
expect 4 upgrade --to $TO --hosts leaf2,border1 --name holds --yes
shown 'leaf2 has a system alarm after the upgrade' && not_shown 'not hitless'
expect 0 show holds && not_shown 'hitless: yes' # nobody can tell yet
# its peer belongs to the job as long, for the job changes it
expect 6 check --to $TO --hosts leaf1 --set reinstall=yes --name beside && shown leaf1 && shown "job 'holds'"
expect 0 locks && shown leaf1
expect 0 lab fault --dir "$L" --clear leaf2
expect 0 retry holds leaf2
over() {
	"$PROG" --state "$S" show holds 2>/dev/null | grep -q '^Job "holds".*: done: 2 done'
}
wait_for 60 over || { fail 'the retry did not end it'; "$PROG" --state "$S" show holds >&2; }
[ "$(grep -c '"device":"leaf2","event":"reboot"' "$L/lab.log")" -eq 1 ] || fail 'leaf2: not one reboot'

# It cannot be put into maintenance: said so, and what was changed for it is taken back
expect 0 lab fault --dir "$L" spine1:commit-failsx3
expect 1 upgrade --to $TO --hosts spine1 --name no-maintenance --yes
shown 'Maintenance Mode Failure: the routes of spine1 could not be made worse'
expect 0 --json show no-maintenance && not_shown '"open":[{'
if grep -q '"device":"spine1","event":"\(drain\|installed\|reboot\)"' "$L/lab.log"; then
	fail 'spine1 was drained'
fi

# A peer is changed, too: it has to answer, and to be the one that is meant
expect 0 lab fault --dir "$L" leaf4:refused
expect 3 check --to $TO --hosts leaf3 --set reinstall=yes --set health-abort=no --name answers
shown 'leaf4, a peer of leaf3, could not be asked who it is' && shown 'set drain to no'
expect 0 check --to $TO --hosts leaf3 --set reinstall=yes --set health-abort=no --set drain=no --name goes
expect 0 lab fault --dir "$L" --clear leaf4
"$PY" -c '
import json, sys
i = json.load(open(sys.argv[1]))
d = {x["name"]: x for x in i["devices"]}
a, b = d["leaf4"], d["border1"]
a["address"], b["address"] = b["address"], a["address"]
json.dump(i, open(sys.argv[2], "w"))' "$L/inventory.json" "$TMP/swapped.json"
expect 0 inventory import "$TMP/swapped.json"
expect 3 check --to $TO --hosts leaf3 --set reinstall=yes --name meant
shown 'Another device answers at the address of leaf4, a peer of leaf3: it calls itself border1'
expect 3 check --to $TO --hosts border1 --set reinstall=yes --name itself
shown 'calls itself leaf4, not border1'

# Without a known peer a device with bundles is warned of, and only such a one
S=$TMP/alone
"$PY" -c '
import json, sys
i = json.load(open(sys.argv[1]))
i["groups"] = []
json.dump(i, open(sys.argv[2], "w"))' "$L/inventory.json" "$TMP/alone.json"
lab_known "$TMP/alone.json"
lab_images
expect 0 check --to $TO --hosts leaf3,border1 --set reinstall=yes --set health-abort=no --name alone
shown 'leaf3 has multihomed bundles, but no multihomed peer is known'
not_shown 'border1 has multihomed bundles' && shown '! not hitless: 1 of 2 devices'
# the devices say who shares which bundles
expect 0 inventory learn --apply
"$PY" -c '
import json, sys
g = json.load(open(sys.argv[1]))["groups"]
got = sorted((x["kind"], sorted(x["members"])) for x in g)
assert got == [("esi", ["leaf1", "leaf2"]), ("esi", ["leaf3", "leaf4"])], got' "$S/inventory.json" ||
	fail 'the pairs were not learnt'
expect 0 check --to $TO --hosts leaf3 --set reinstall=yes --set health-abort=no --name learnt
not_shown 'no multihomed peer is known'
finish
