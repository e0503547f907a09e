# SPDX-License-Identifier: ISC
# For tests with chassis clusters: labs of two clusters, faults of them, and what was sent to them.
. "${srcdir:-.}/tests/cli/lib.sh"

TO=23.4R2-S3.9
at_end() {
	for lab in "$TMP"/lab-*; do
		"$PROG" lab down --dir "$lab" >/dev/null 2>&1
	done
}
fabric() { # name option...: a lab of its own, and what is needed for a job
	L=$TMP/lab-$1 S=$TMP/state-$1
	shift
	lab_up srx-pairs "$@" && lab_images
	log=$L/lab.log
	port=$(sed -n 's/.*"port":[^0-9]*\([0-9]*\).*/\1/p' "$L/inventory.json" | head -n 1)
}
on_node() { # address command, which may ask whether that is meant
	echo yes | ssh -F none -o "UserKnownHostsFile=$L/known_hosts" -o IdentitiesOnly=yes -i "$L/id_ed25519" \
		-p "$port" "admin@$1" "$2" >>"$TMP/ssh" 2>&1
}
fault() { # faults...
	for f in "$@"; do
		expect 0 lab fault --dir "$L" "$f"
	done
}
mended() {
	for device in fw1-node0 fw1-node1 fw2-node0 fw2-node1; do
		"$PROG" lab fault --dir "$L" --clear $device >/dev/null 2>&1
	done
}
sent() { # pattern: how often it was sent
	grep '"event":"command"' "$log" | grep -c -e "$1"
}
count() { # device event
	grep -c "\"device\":\"$1\",\"event\":\"$2\"" "$log"
}
is_state() { # job device state
	"$PROG" --state "$S" show "$1" 2>/dev/null | grep -q "^$2 .* $3 "
}
is_job() { # job words
	"$PROG" --state "$S" show "$1" 2>/dev/null | grep -q "^Job \"$1\".*: $2"
}
upgrade() { # job hosts: to its end
	"$PROG" --state "$S" upgrade --to $TO --hosts "$2" --name "$1" --yes >"$TMP/out" 2>"$TMP/err" \
		</dev/null
}
rollback() { # job device
	"$PROG" --state "$S" rollback "$1" "$2" >"$TMP/out" 2>"$TMP/err" </dev/null
}
went() { # job device "steps": the last way back was these (without "back-"), "!" failed, and no others
	way=$("$PROG" --state "$S" --json show "$1" --device "$2" 2>/dev/null |
		grep -o '"step":"[a-z0-9-]*"\|"pass":"[a-z]*"\|"result":"[a-z]*"' |
		awk -F'"' '$2 == "step" {step = $4; sub(/^back-/, "", step)}
			$2 == "pass" {of = $4}
			$2 == "result" && of == "rollback" {
				way = (step == "look" ? "" : way " ") ($4 == "skipped" ? "" : step)
				way = way ($4 == "failed" ? "!" : "")
			}
			END {gsub(/ +/, " ", way); print way}')
	[ "$way" = "$3" ] || fail "$1: $2 went back by: $way"
}
judged() { # where: the lab saw nothing that nobody may do
	if grep violation "$log" >&2; then fail "violations: $1"; fi
}
fit() { # where: both clusters can be upgraded (again)
	wait_for 60 "$PROG" --state "$S" check --to $TO --hosts 'fw*' --name "$1-fit" ||
		fail "$1: a cluster is not fit"
}
