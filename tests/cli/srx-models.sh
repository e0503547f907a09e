#!/bin/sh
# SPDX-License-Identifier: ISC
# Which clusters can be upgraded in service, and from which version to which; and the ways of doing it
# that are special: in band, on a host of virtual machines, with a backup on the disk.
. "${srcdir:-.}/tests/cli/lib.sh"

at_end() {
	for lab in "$TMP"/lab-*; do
		"$PROG" lab down --dir "$lab" >/dev/null 2>&1
	done
}
# a cluster of this kind in a lab of its own, and what is needed for a job
cluster() { # platform from to
	L=$TMP/lab-$1-$2-$3
	S=$TMP/state-$1-$2-$3
	lab_up srx-pairs --platform "$1" --from "$2" --to "$3"
	lab_images
}

# --- refused, and why
n=0
while read -r model from to text; do
	n=$((n + 1))
	cluster "$model" "$from" "$to"
	expect 3 check --to "$to" --hosts 'fw1*' --name no && shown "$text"
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
done <<'END'
srx1500 15.1X49-D60 15.1X49-D80 The srx1500 with Junos 15.1X49-D60 has no in-service upgrade
srx1500 15.1X49-D100 17.4R1.9 The srx1500 has no in-service upgrade from 15.1X49-D100 to 17.4R1.9
srx5800 15.1X49-D100 17.3R1.9 The srx5800 has no in-service upgrade from 15.1X49-D100 to 17.3R1.9
vsrx 21.4R3-S5.4 23.4R2-S3.9 The vsrx with Junos 21.4R3-S5.4 has no in-service upgrade
srx345 21.4R3-S5.4 24.4R1.9 The srx345 has no in-service upgrade from 21.4R3-S5.4 to 24.4R1.9
END
[ $n -eq 5 ] || fail "$n clusters"

# --- all at once, each in its own way; and the demo, both of its clusters in one job
"$PROG" demo --fabric srx-pairs --headless --speed 120 --dir "$TMP/demo" >"$TMP/demo.out" \
	2>"$TMP/demo.err" </dev/null &
for way in 'srx345 21.4R3-S5.4 23.4R2-S3.9' 'srx2300 23.4R1.9 23.4R2-S3.9' \
	'srx5800 19.4R1.9 21.4R3-S5.4' 'srx4600 17.4R1.9 17.4R3.9'; do
	# shellcheck disable=SC2086
	set -- $way
	cluster "$@"
	"$PROG" --state "$S" upgrade --to "$3" --hosts 'fw1*' --name go --yes >"$TMP/$1.out" \
		2>"$TMP/$1.err" </dev/null &
done
wait
for way in 'srx345 21.4R3-S5.4 23.4R2-S3.9' 'srx2300 23.4R1.9 23.4R2-S3.9' \
	'srx5800 19.4R1.9 21.4R3-S5.4' 'srx4600 17.4R1.9 17.4R3.9'; do
	# shellcheck disable=SC2086
	set -- $way
	log=$TMP/lab-$1-$2-$3/lab.log
	grep -q 'done: 2 done' "$TMP/$1.out" || { fail "$1 is not done"; tail -n 20 "$TMP/$1.out" >&2; }
	[ "$(grep -c '"event":"issu-start"' "$log")" -eq 1 ] || fail "$1: not one upgrade"
	[ "$(grep -c '"event":"reboot"' "$log")" -eq 2 ] || fail "$1: not one reboot a node"
	! grep violation "$log" >&2 || fail "$1: violations"
	grep 'in-service-upgrade /var/tmp' "$log" >"$TMP/$1.sent"
	[ "$(wc -l <"$TMP/$1.sent")" -eq 1 ] || fail "$1: sent $(cat "$TMP/$1.sent")"
done
grep -q 'done: 4 done' "$TMP/demo.out" || { fail 'demo'; tail -n 20 "$TMP/demo.out" >&2; }
grep -q 'traffic stops for about 30 seconds' "$TMP/srx345.out" || fail 'srx345: no warning'
grep -q 'hitless: no, 2 of 2.*upgraded in band\|in band: the traffic' "$TMP/srx345.out" ||
	fail 'srx345: not said that the traffic stops'
grep -q 'hitless: yes\|Hitless  *yes' "$TMP/srx4600.out" || fail 'srx4600: not said that it is hitless'
grep -q 'Not more than three releases at once' "$TMP/srx5800.out" || fail 'srx5800: 19.4 to 21.4'
grep -q 'request system software .* no-sync' "$TMP/srx345.sent" || fail 'srx345: in sync'
grep -q 'request vmhost software .* reboot' "$TMP/srx2300.sent" || fail 'srx2300: not vmhost'
grep -q 'request system software .* reboot' "$TMP/srx4600.sent" || fail 'srx4600: no reboot'
# each is validated before, in its own words
for way in 'srx2300 vmhost' 'srx4600 system'; do
	[ "$(grep -c "admin: request ${way#* } software validate" "$TMP"/lab-"${way% *}"-*/lab.log)" -eq 1 ] ||
		fail "${way% *}: not validated by ${way#* }"
done
# the backup on the disk: on both nodes, where the platform has it
[ "$(grep -c 'request system snapshot' "$TMP"/lab-srx5800-19*/lab.log)" -eq 2 ] || fail 'no backup'
! grep -q 'request system snapshot' "$TMP"/lab-srx4600-*/lab.log || fail 'a backup of an srx4600'
finish
