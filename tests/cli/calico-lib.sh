# SPDX-License-Identifier: ISC
# For the tests of a Calico network's hosts: a lab of its own, and what its log says. After lib.sh.
L=$TMP/lab
TO=3.4.0
at_end() {
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
lab_up() { # OPTIONS: hosts anew, and a state of their own
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
	rm -rf "$L" "$S"
	expect 0 lab up --fabric calico --dir "$L" --speed 120 "$@" || finish
	expect 0 setting set clock-speed 120
	expect 0 inventory import "$L/inventory.json"
	cp "$L/known_hosts" "$S/known_hosts"
	expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
}
fault() { expect 0 lab fault --dir "$L" "$@"; }
clear() { expect 0 lab fault --dir "$L" --clear "$1"; }
log() { # of a device ("" is the network): its events, one "EVENT DETAIL" a line
	sed -n "s/.*\"device\":\"$1\",\"event\":\"\([^\"]*\)\",\"detail\":\"\(.*\)\"}/\1 \2/p" "$L/lab.log"
}
logged() { # DEVICE TEXT TIMES
	n=$(log "$1" | grep -cF -- "$2")
	[ "$n" -eq "$3" ] || fail "$1: \"$2\" $n times instead of $3"
}
no_harm() { # [MS]: whatever happened: no violation, etcd has always taken writes, but for an election
	if grep -q violation "$L/lab.log"; then fail "violations: $(grep violation "$L/lab.log")"; fi
	[ $# -eq 1 ] || ! grep -q etcd-writes-refused "$L/lab.log" || fail "etcd has refused writes"
	for ms in $(log '' | sed -n 's/^etcd-writes-accepted \([0-9]*\) ms/\1/p'); do
		[ "$ms" -le "${1:-0}" ] || fail "etcd refused writes for $ms ms"
	done
}
PROCEDURE=$HITLESS_DATA_DIR/procedures/calico-openstack.json
drops_each() { # REGEX DEVICE...: from a command that matches on, each is dropped before it is run, then during
	regex=$1
	shift
	for device; do fault "$device:drops-each=$regex"; done
}
stepped() { # JOB: the steps of it whose command was dropped both ways go into $TMP/stepped
	command -v python3 >/dev/null || return 0
	expect 0 report "$1" --format json
	python3 - "$TMP/out" "$L/lab.log" "$PROCEDURE" >>"$TMP/stepped" <<'END' || fail "no steps of $1"
import collections, json, sys
report, procedure = (json.load(open(sys.argv[i])) for i in (1, 3))
dropped = collections.Counter()
for line in open(sys.argv[2]):
    event = json.loads(line)
    if event["event"] == "dropped":
        dropped[event["device"], event["detail"].replace("'", "")] += 1
def both(device, command): # of checks it is kept without quotes
    return dropped[device, (command or "").replace("'", "")] >= 2
for device in report["devices"]:
    for step in device["steps"]:
        if both(device["device"], step.get("command")):
            print(step["step"])
# steps that ask several questions: that of a check, and a fact which is the same for all
checks = {c["check"] for c in report["checks"] if both(c.get("device"), c.get("command"))}
read = any(both(d["device"], "cat /etc/machine-id") for d in report["devices"])
for name, step in procedure["steps"].items():
    if checks & set(step.get("check", [])) or (read and "facts" in step):
        print(name)
END
}
every_step() { # of the procedure is in $TMP/stepped
	command -v python3 >/dev/null || return 0
	python3 - "$PROCEDURE" "$TMP/stepped" <<'END' || fail 'see above'
import json, sys
method = json.load(open(sys.argv[1]))["methods"][0]
steps = set(method["rollback"])
for component in method["components"]:
    steps |= set(component["steps"]) | set(component.get("gate", []))
left = steps - set(open(sys.argv[2]).read().split())
if left:
    sys.exit("no session dropped in: " + " ".join(sorted(left)))
END
}
runs() { # HOST UNIT: now
	[ "$(log "$1" | grep -c "^unit-started hitless-$2")" -gt "$(log "$1" | grep -c "^unit-ended hitless-$2")" ]
}
pings() { runs "$1" ping; }
job_is() { # NAME TEXT: the line of the job
	"$PROG" --state "$S" show "$1" 2>/dev/null | grep -q "^Job \"$1\".*: $2"
}
comes_to() { # NAME TEXT
	wait_for 60 job_is "$1" "$2" || {
		fail "job $1 is not: $2"
		"$PROG" --state "$S" show "$1" >&2
	}
}
feed() { # ADDRESS COMMAND: by hand, on a host, with standard input
	ssh -F none -o "UserKnownHostsFile=$L/known_hosts" -o IdentitiesOnly=yes -i "$L/id_ed25519" \
		-p "$(sed -n 's/.*"port":[^0-9]*\([0-9]*\).*/\1/p' "$L/inventory.json" | head -n 1)" \
		"operator@127.66.0.$1" "$2"
}
on() { feed "$1" "$2" </dev/null; } # ADDRESS COMMAND
when() { # DEVICE EVENT: when that was last, in ms
	sed -n "s/.*\"t\":\([0-9]*\),.*\"device\":\"$1\",\"event\":\"${2%% *}\",\"detail\":\"${2#* }.*/\1/p" \
		"$L/lab.log" | tail -n 1
}
