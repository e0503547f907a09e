#!/bin/sh
# SPDX-License-Identifier: ISC
# What left the inventory after a job was made is not touched by what is ordered later: a retry, a way
# back, a start, a resume; nor by a process that got the order before. What still is there goes on.
. "${srcdir:-.}/tests/cli/lib.sh"
command -v python3 >/dev/null || exit 77

sent() { # PATTERN: how often the lab's log has it
	grep -c -- "$1" "$L/lab.log"
}
without() { # DEVICE: the inventory of the lab, without it, its groups and its links
	python3 - "$L/inventory.json" "$1" <<'PY' >"$TMP/less.json"
import json, sys
inv, gone = json.load(open(sys.argv[1])), sys.argv[2]
inv["devices"] = [d for d in inv["devices"] if d["name"] != gone]
inv["groups"] = [g for g in inv.get("groups", []) if gone not in g["members"]]
inv["links"] = [l for l in inv["links"] if not any(e.split(":")[0] == gone for e in l)]
json.dump(inv, sys.stdout)
PY
}

queued() { # JOB BODY: an order that was taken when the device was there still
	python3 - "$S/hitless.db" "$1" "$2" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
job = db.execute("SELECT number FROM jobs WHERE name = ?", [sys.argv[2]]).fetchone()[0]
db.execute("INSERT INTO commands (job, wall, body) VALUES (?, 0, ?)", [job, sys.argv[3]])
db.commit()
PY
}

lab_up small --to 4.2.0 --fault leaf01:install-fails --fault leaf03:install-fails || finish
lab_images

# A job that is over: one done, two failed
expect 1 upgrade --name ms --to 4.2.0 --hosts leaf01,leaf02,leaf03 --on-failure continue --yes
expect 0 lab fault --dir "$L" --clear leaf01
expect 0 lab fault --dir "$L" --clear leaf03
expect 0 inventory decommission leaf01 --reason 'RMA 4711'
expect 0 inventory decommission leaf02
before=$(cksum <"$L/lab.log")
bad 'leaf01 was decommissioned (' retry ms leaf01
said 'RMA 4711' && said "by $(id -un)" && said 'hitless inventory recommission leaf01'
bad 'leaf02 was decommissioned (' rollback ms leaf02
[ "$before" = "$(cksum <"$L/lab.log")" ] || fail "a device was asked for a refused order"

queued ms '{"verb":"retry","target":"leaf01","who":"anna"}'
queued ms '{"verb":"rollback","target":"leaf02","who":"anna"}'
"$PROG" --state "$S" run ms >"$TMP/out" 2>"$TMP/err" </dev/null
[ "$before" = "$(cksum <"$L/lab.log")" ] || fail "a process carried out a refused order"
expect 0 report ms --format text
shown 'leaf01 was decommissioned' && shown 'leaf02 was decommissioned'

# All of them: those that are still there
reboots=$(sent '"event":"reboot"')
"$PROG" --state "$S" retry ms >"$TMP/out" 2>"$TMP/err" </dev/null
[ "$(sent '"event":"reboot"')" -eq $((reboots + 1)) ] || fail "not exactly leaf03 was rebooted"
bad 'leaf01 was decommissioned' retry ms

# Another address: another device may have the old one
expect 0 inventory set leaf03 address 192.0.2.99
bad 'leaf03 has another address in the inventory now (192.0.2.99' rollback ms leaf03

# Back in service it can be tried again
expect 0 inventory recommission leaf01
expect 0 inventory recommission leaf02
expect 0 inventory import "$L/inventory.json"
expect 0 retry ms leaf01

# A job that was held, and goes on without what was taken out
for stage in 0 3 01; do
	expect 3 check --name never --to 4.2.0 --hosts spine01,leaf04 --hold-after $stage
	shown "hold after stage $stage: this plan has the stages 1 to 2"
done
expect 4 upgrade --name held --to 4.2.0 --hosts spine01,leaf04 --hold-after 1 --yes
cp "$TMP/out" "$TMP/held"
expect 0 show held # who knows when it goes on?
shown 'Held since ' && shown 'work left: ' && not_shown 'The job is over by'
expect 0 --json show held && shown '"left_ms":'
cp "$TMP/held" "$TMP/out"
pending=leaf04
grep -q '^leaf04 .*done' "$TMP/out" && pending=spine01
without $pending
expect 0 inventory import "$TMP/less.json" --yes
reboots=$(sent '"event":"reboot"')
"$PROG" --state "$S" resume held >"$TMP/out" 2>"$TMP/err" </dev/null
[ "$(sent '"event":"reboot"')" -eq "$reboots" ] || fail "$pending was upgraded"
expect 0 --json show held
shown "$pending is not in the inventory any more"

# An inventory that cannot be read says nothing against a device: what goes on with a job, or takes it
# back, does so with the inventory that the job has; a new beginning is refused
expect 0 inventory import "$L/inventory.json"
cp "$S/inventory.json" "$TMP/kept.json"
expect 0 check --name broken --to 4.2.0 --hosts spine02
echo '{"format":1,"devices":[' >"$S/inventory.json"
reboots=$(sent '"event":"reboot"')
"$PROG" --state "$S" rollback ms leaf03 >"$TMP/out" 2>"$TMP/err" </dev/null
said 'could not be looked at' && said 'inventory.json'
[ "$(sent '"event":"reboot"')" -gt "$reboots" ] || { fail "leaf03 was not taken back"; cat "$TMP/out" "$TMP/err" >&2; }
reboots=$(sent '"event":"reboot"')
queued broken '{"verb":"start","who":"anna"}'
"$PROG" --state "$S" run broken >"$TMP/out" 2>"$TMP/err" </dev/null
[ "$(sent '"event":"reboot"')" -eq "$reboots" ] || fail "a job began blindly"
"$PROG" --state "$S" recheck broken >"$TMP/out" 2>"$TMP/err" </dev/null && fail "checked blindly"
cp "$TMP/kept.json" "$S/inventory.json"

# Made, but not begun: the plan counts on what left
expect 0 inventory import "$L/inventory.json"
expect 0 check --name later --to 4.2.0 --hosts spine02,leaf04
expect 0 inventory decommission leaf04 --reason sold
queued later '{"verb":"start","who":"anna"}'
before=$(sent '"event":"reboot"')
"$PROG" --state "$S" run later >"$TMP/out" 2>"$TMP/err" </dev/null
[ "$before" -eq "$(sent '"event":"reboot"')" ] || fail "a job began in spite of what left"
expect 0 report later --format text && shown 'make the job anew' && shown sold
finish
