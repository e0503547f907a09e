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
drops() { # lines DEVICE REGEX: the next command that matches, and the one after that
	while read -r device command; do
		for when in before during; do fault "$device:drops-$when=$command"; done
	done
}
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
