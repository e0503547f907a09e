#!/bin/sh
# SPDX-License-Identifier: ISC
# Chassis clusters whose upgrade stands still in one of its stages, in each stage of both ways: with its
# session open and silent, and with its session lost. The operator asks and says that it failed. The image
# is left to what still runs; the way back ends that before anything is rolled back, and one node is
# rolled back or none.
. "${srcdir:-.}/tests/cli/srx-lib.sh"

asked() { # job device: ask until there is a question
	"$PROG" --state "$S" ask "$1" "$2" >/dev/null 2>&1
	is_state "$1" "$2" held
}
question() { # job device: the number of what is asked about it
	"$PROG" --state "$S" show "$1" | sed -n "s/^Question \([0-9]*\) about $2: .*/\1/p" | tail -n 1
}
forward() { # job device: nothing goes back, and a retry ends it without a second upgrade
	grep -qF 'Nothing is rolled back: both nodes of' "$TMP/out" || return
	starts=$(sent ' in-service-upgrade /var/tmp')
	"$PROG" --state "$S" retry "$1" "$2" >"$TMP/out" 2>&1 </dev/null
	wait_for 60 is_state "$1" "$2" done || fail "$1: $2 did not go forward"
	[ "$(sent ' in-service-upgrade /var/tmp')" -eq "$starts" ] || fail "$1: a second upgrade"
	WENT="$WENT $1"
}
images_deleted() {
	sent 'file delete /var/tmp/junos-'
}
reached() { # cluster stage so-often
	[ "$(grep -c "\"event\":\"issu-stage\",\"detail\":\"$1 $2 " "$log")" -ge "$3" ]
}
stands_still() { # job stage-of-fw1 stage-of-fw2
	fault fw1-node0:issu-hangs="$2" fw2-node0:issu-hangs="$3"
	for drops in $4; do
		fault "$drops"
	done
	deleted=$(images_deleted)
	at_fw1=$(grep -c "issu-stage\",\"detail\":\"fw1 $2 " "$log")
	at_fw2=$(grep -c "issu-stage\",\"detail\":\"fw2 $3 " "$log")
	upgrade "$1" 'fw*' &
	job=$!
	wait_for 60 reached fw1 "$2" $((at_fw1 + 1)) || fail "$1: fw1 is not in stage $2"
	wait_for 60 reached fw2 "$3" $((at_fw2 + 1)) || fail "$1: fw2 is not in stage $3"
	for c in fw1 fw2; do
		wait_for 60 asked "$1" $c-node0 || fail "$1: nobody was asked about $c"
		expect 0 answer "$1" "$(question "$1" $c-node0)" fail
	done
	wait $job
	# what still runs keeps its image, also where it shows nothing of itself on the device
	[ "$(images_deleted)" -eq "$deleted" ] || fail "$1: the image was taken away"
	mended
	for c in fw1 fw2; do
		before=$(sent 'software rollback')
		rollback "$1" $c-node0
		if grep -q "$c-node0 *rolled back" "$TMP/out"; then
			[ "$(images_deleted)" -gt "$deleted" ] || fail "$1: the image of $c is still there"
			deleted=$(images_deleted)
		else
			forward "$1" $c-node0 ||
				{ fail "$1: $c is neither back nor new"; cat "$TMP/out" >&2; }
		fi
		[ $(($(sent 'software rollback') - before)) -le 1 ] || fail "$1: $c went back twice"
	done
	judged "$1"
}

SELF='moved abort abort-peer boot reboot wait cluster release clean-up'

# --- in band, beside the others
in_band() {
	TMP=$TMP/icu FAILED=0
	mkdir "$TMP"
	fabric icu --platform srx345
	for first in 1 2 3; do
		stands_still icu-$first $first $((first + 3)) fw2-node0:issu-drops=$((first + 3))
		[ $first -eq 3 ] || fit icu-$first
	done
	# both are installed and none has rebooted; the other one's is dropped by hand: this one goes back
	fault fw1-node1:issu-reboot-fails
	upgrade staged 'fw1*'
	shown 'The upgrade of fw1 was aborted in the middle'
	mended
	on_node 127.66.0.71 'request system software rollback node 1'
	rollback staged fw1-node0
	grep -q 'fw1-node0 *rolled back' "$TMP/out" || { fail 'staged: not back'; cat "$TMP/out" >&2; }
	went staged fw1-node0 "look gone peer stop now now-peer one set same same-peer groups hold move-0 $SELF"
	judged staged
	# in its last stage the other node runs the new version and this one has it: only forward
	[ "$WENT" = ' icu-3' ] || fail "forward: $WENT"
	at_end
	return $FAILED
}
WENT=
(in_band) &
icu=$!

fabric issu
# --- nobody asks: it is told how long nothing has come, and what both nodes say over another session;
# the operator is asked when that is longer than a node may take to boot
fault fw1-node0:issu-hangs=6 fw2-node0:issu-hangs=5
"$PROG" --state "$S" upgrade --to $TO --hosts 'fw*' --name silent --timeout follow-peer=600 --yes \
	>"$TMP/silent" 2>&1 </dev/null &
job=$!
wait_for 120 is_state silent fw1-node0 held || fail 'silent: nobody was asked'
wait_for 60 is_state silent fw2-node0 held || fail 'silent: nobody was asked about fw2'
grep -q 'fw1-node0.* beside the open session: .*nothing has come for' "$TMP/silent" || fail 'silent: not told'
expect 0 show silent --device fw1-node0
shown 'Redundancy group: 1' && shown 'Cold Synchronization Progress' && shown 'Junos: 23.4R2-S3.9'
expect 0 show silent && shown "hitless rollback 'silent' fw1-node0 brings them there"
[ "$(sent ' in-service-upgrade /var/tmp')" -eq 2 ] || fail 'silent: not one upgrade a cluster'
# listened to again: the session is still there, and what it says at the end counts
expect 0 answer silent "$(question silent fw1-node0)" wait
listens() { ! is_state silent fw1-node0 held; }
wait_for 60 listens || fail 'silent: nobody waits on'
on_node 127.66.0.70 'request chassis cluster in-service-upgrade abort'
wait_for 60 is_state silent fw1-node0 failed || fail 'silent: its end was not heard'
# the same while the question is open: it needs no answer any more
on_node 127.66.0.80 'request chassis cluster in-service-upgrade abort'
wait_for 60 is_state silent fw2-node0 failed || fail 'silent: its end was not heard in the question'
wait $job
# who follows has no limit of its own while the one that leads is at it
grep -q 'the leader of its unit is still at it' "$TMP/silent" || fail 'silent: who follows gave up'
is_state silent fw1-node1 skipped && is_state silent fw2-node1 skipped || fail 'silent: who follows failed'
mended
rollback silent fw1-node0
rollback silent fw2-node0
judged silent
fit silent

for first in 1 2 3 4 5; do
	stands_still issu-$first $first $((first + 5)) fw2-node0:issu-drops=$((first + 5))
	fit issu-$first
done
[ -z "$WENT" ] || fail "not back: $WENT"

wait $icu || fail 'in band: see above'
finish
