#!/bin/sh
# SPDX-License-Identifier: ISC
# A MicroCloud, component by component: what is in the way before anything starts; the whole way with
# a failed refresh, questions at the points of no return and kill -9 in the middle; cancel; revisions
# that differ; clusters that are too small. The lab's log proves order, noout and evacuation.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

cloud 4 a

# What is in the way, one at a time
n=0
while read -r fault text; do
	n=$((n + 1))
	expect 0 lab fault --dir "$L" "micro02:$fault"
	expect 3 check --to $TO --name "f$n" && shown "$text"
	expect 0 lab fault --dir "$L" --clear micro02
done <<'EOF'
daemon-down=microceph A member of microceph is not online
daemon-down=microovn A member of microovn is not online
daemon-down=microcloud A member of microcloud is not online
ceph-health The storage is not healthy
EOF
[ $n -eq 4 ] || fail "$n faults"
expect 0 lab fault --dir "$L" micro03:noout-set
expect 3 check --to $TO --name noout && shown 'noout is set already'
ssh_to micro01 sudo -n microceph.ceph osd unset noout
# A new track needs backups; a track is not left by an update
expect 3 check --to 3.0 --name track && shown 'micro01 cannot go from 2.1.0 to 3.0'
expect 3 check --to 3.0 --name track2 --set way=upgrade && shown 'no track can be left backwards'
expect 0 check --to 3.0 --name track3 --set way=upgrade --set backups=yes \
	--set microcloud-channel=3/stable
expect 3 check --to 2.0.9 --name older && shown 'cannot go from 2.1.0 to 2.0.9'
expect 2 plan --to $TO --name order --order member && said 'leave --order out'

# The procedure and the plan say it all
expect 0 procedure show microcloud && shown 'Component microceph, at most 1 at once'
shown 'Component lxd, all devices at once'
expect 0 plan --to $TO --name p
shown 'hold -> microceph -> microceph-gate -> timers -> timers-gate -> microovn -> microovn-gate'
shown 'timers-back -> timers-back-gate -> lxd -> lxd-alike -> lxd-alike-gate -> microcloud ->'
shown 'Point of no return, asked before the last device: Once its last member is refreshed, microceph'
shown 'Point of no return, asked before it begins: All members are refreshed at once'
shown '1 of 4 away, at most 1 may be'
expect 0 plan --to $TO --name p --set ask=no && shown 'Point of no return, not asked again'

# The whole way. snapd undoes a refresh; the operator tries again
expect 0 lab fault --dir "$L" micro02:change-aborts=microceph
expect 4 upgrade --to $TO --name all --set evacuate=yes --set backups=yes --yes
shown 'snapd undid the refresh: run hook'
grep -q 'micro03 .*refresh-begin' "$L/lab.log" && fail 'the next member was begun'
[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail 'noout is left behind by a failure'
restored() {
	[ "$(count evacuate-end)" -eq "$(count restore-end)" ]
}
wait_for 60 restored || fail 'evacuated after a failure'
# ... and the machine of the operator dies while micro03 is out
expect 0 lab fault --dir "$L" --clear micro02
"$PROG" --state "$S" retry all micro02 >"$TMP/retry" 2>&1 &
follower=$!
out() {
	events noout-set | grep -q . && [ "$(count noout-set)" -gt "$(count noout-unset)" ] &&
		events refresh-begin | grep -q '^micro03 microceph'
}
wait_for 60 out || fail 'micro03 is not refreshed'
p=$(process all)
[ -n "$p" ] && kill -9 "$p"
wait $follower
expect 4 resume all && shown 'point of no return of microceph'
[ "$(events refresh-begin | grep -c '^micro03 microceph')" -eq 1 ] || fail 'micro03: refreshed twice'
[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail 'noout is left behind by kill -9'
events refresh-begin | grep -q '^micro04' && fail 'micro04 was begun without a word'
expect 0 show all && shown "hitless answer 'all' 1 go|cancel"
n=1
for component in microovn lxd microcloud; do
	expect 4 answer all $n go && shown "point of no return of $component"
	n=$((n + 1))
done
[ "$(events refresh-begin | grep -c 'lxd ')" -eq 4 ] || fail 'not all members had lxd refreshed'
expect 0 answer all 4 go && shown '4 done, 0 failed'
expect 0 snapshot compare all && not_shown 'removed'
shown '0 real, 20 expected' # four snaps and one container of each member

# microceph, microovn, lxd, microcloud; one member after the other, but for lxd
order=$(events refresh-begin | awk '{ print $2 }' | uniq | tr '\n' ' ')
[ "$order" = 'microceph microovn lxd microcloud ' ] || fail "order: $order"
for snap in microovn microcloud; do
	members=$(events refresh-begin | sed -n "s/ $snap .*//p" | tr '\n' ' ')
	[ "$members" = 'micro01 micro02 micro03 micro04 ' ] || fail "$snap: $members"
done
ended=$(grep -n '"event":"refresh-end","detail":"lxd' "$L/lab.log" | head -n 1 | cut -d: -f1)
begun=$(grep -n '"event":"refresh-begin","detail":"lxd' "$L/lab.log" | tail -n 1 | cut -d: -f1)
[ "$begun" -lt "$ended" ] || fail 'lxd was not refreshed on all members at once'
ssh_to micro03 snap list && [ "$(grep -c 'in-cohort,held' "$TMP/out")" -eq 4 ] || fail 'not in cohort, held'
judged

# Cancel while a member is out: what was changed is taken back
cloud 4 b
"$PROG" --state "$S" upgrade --to $TO --name all --set ask=no --set evacuate=yes --yes \
	>"$TMP/up" 2>&1 &
follower=$!
wait_for 60 out || fail 'micro03 is not refreshed'
expect 0 cancel all
wait $follower
[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail 'noout is left behind by cancel'
expect 0 show all && shown 'cancelled'
judged

# The store offers members different revisions: all get what the first one got, and LXD, which all
# refresh at once, the newest that one of them got. They stay in the cohort
cloud 3 c
for spec in micro01:store-phased=microceph micro02:store-phased=microovn micro03:store-phased=lxd; do
	expect 0 lab fault --dir "$L" $spec
done
"$PROG" --state "$S" upgrade --to $TO --name all --set ask=no --yes >"$TMP/out" 2>"$TMP/err" </dev/null
shown '3 done, 0 failed'
for snap in microceph microovn lxd microcloud; do
	[ "$(for m in 1 2 3; do revision micro0$m $snap; done | uniq | wc -l)" -eq 1 ] || fail "$snap differs"
done
[ "$(revision micro02 microceph)" = 1601 ] || fail 'micro02 did not get what micro01 got'
[ "$(events refresh-begin | grep -c '^micro03 lxd')" -eq 2 ] || fail 'LXD of micro03 was not pinned'
for m in 2 3; do
	ssh_to micro0$m snap list && [ "$(grep -c 'in-cohort,held' "$TMP/out")" -eq 4 ] || fail "micro0$m has left the cohort"
done
judged

# The upgrade of the seed: from track 1 to 2, each snap to a new channel. OVN converts its databases:
# its election timers are long then, and as they were afterwards
cloud 3 e 1.1
expect 0 upgrade --to $TO --name up --set way=upgrade --set backups=yes --set ask=no --yes
shown '3 done, 0 failed'
# ... and no instance was restarted
expect 0 snapshot compare up && shown '0 real, 12 expected'
ssh_to micro02 snap list
for channel in squid/stable 24.03/stable 5.21/stable 2/stable; do
	shown " $channel "
done
grep -q '"election-timer","detail":"OVN_Southbound 8000 -> 16000"' "$L/lab.log" ||
	fail 'the election timers were not lengthened'
judged

# What goes wrong on the way: what the operator reads, that nothing is left behind, and that the job
# goes on to a good end when the cause is gone and he says so
n=0
while read -r component fault text; do
	n=$((n + 1))
	cloud 3 "f$n"
	set -- --to $TO --name all --set ask=no --timeout ceph-services=300 \
		--timeout ceph-online=180 --timeout lxd-follow=300 --timeout ovn-services=300
	expect 0 lab fault --dir "$L" "micro02:$fault"
	if [ "$fault" = store-unreachable ]; then # which is seen before
		expect 3 upgrade "$@" --yes && shown 'unable to contact snap store'
		[ -z "$(events refresh-begin)" ] || fail 'a refresh was begun'
		expect 0 waive all offered --reason 'the store comes back'
	elif [ "$fault" = forgotten-member=micro09 ]; then # as is this
		expect 3 upgrade "$@" --yes && shown 'unexpected "not in the group: micro09"'
		[ -z "$(events refresh-begin)" ] || fail 'a refresh was begun'
		expect 0 waive all members --reason 'it comes back'
	fi
	"$PROG" --state "$S" upgrade "$@" --yes >"$TMP/out" 2>"$TMP/err" </dev/null
	[ $? -ne 0 ] || fail "$fault: nothing failed"
	shown "$text"
	[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail "$fault: noout is left behind"
	after=$(events refresh-begin | awk '{ print $2 }' | uniq | tail -n 1)
	[ "$after" = "$component" ] || fail "$fault: $after was begun"
	expect 0 lab fault --dir "$L" --clear micro02
	expect 0 retry all && shown '3 done, 0 failed'
	judged
done <<'EOF'
microceph store-unreachable micro02 does not reach the snap store
microceph osd-stays-down Not all monitors and OSDs came back after micro02
microceph forgotten-member=micro09 unexpected "member micro09
microovn snap-stays-down=microovn OVN of micro02 is not in order
lxd change-hangs=lxd The refresh of lxd failed on micro02
EOF
[ $n -eq 5 ] || fail "$n faults on the way"

# A store that has another version is seen before anything is begun
cloud 3 store
expect 3 upgrade --to 2.9.0 --name other --yes
shown 'The store does not offer MicroCloud 2.9.0 to micro01: expected "2.9.0" for offered, got "2.1.1"'
[ -z "$(events refresh-begin)" ] || fail 'a refresh was begun'

# One or two members: not without a word
cloud 2 d
expect 3 upgrade --to $TO --name all --yes
shown '--set accept-outage=yes'
shown 'The cluster of micro01 has no majority while one of its members is away'
expect 0 upgrade --to $TO --name out --set accept-outage=yes --set ask=no --yes
shown '2 done, 0 failed'
judged
cloud 1 one
expect 3 upgrade --to $TO --name all --yes
shown '--set accept-outage=yes'
shown 'The cluster of micro01 has no majority while one of its members is away'
expect 0 upgrade --to $TO --name out --set accept-outage=yes --set ask=no --yes
shown '1 done, 0 failed'
judged
finish
