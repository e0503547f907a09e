#!/bin/sh
# SPDX-License-Identifier: ISC
# Each fault that a MicroCloud of the lab knows and no other test plays: what the operator reads, and
# that the job goes on to a good end when he has done what it says. Who belongs into the job.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

fault() { expect 0 lab fault --dir "$L" "$@"; }
idle() {
	ssh_to micro02 'snap changes' && ! grep -qE '^[0-9]+ +(Do|Doing) ' "$TMP/out"
}

# --- Before anything begins ------------------------------------------------------------------------
cloud 3 before
n=0
while read -r status fault text; do
	n=$((n + 1))
	fault "micro02:$fault"
	expect "$status" check --to $TO --name "f$n" && shown "$text"
	fault --clear micro02
done <<'END'
3 clock-skew The storage is not healthy: expected text like "^HEALTH_OK", got "HEALTH_WARN clock skew detected on mon.micro02
3 ovn-certificate The OVN databases need attention: unexpected "expired"
3 ovn-schema The OVN databases need attention
3 ovn-behind=7 A database of OVN is behind on micro02
3 disk-full=1000 There is too little space on micro02 for the new revisions
3 evacuated A member of LXD is not online: unexpected "member micro02 Evacuated"
END
[ $n -eq 6 ] || fail "$n faults"
ssh_to micro01 sudo -n lxc cluster restore micro02 --force
fault micro02:healing-set=30
expect 3 check --to $TO --name healing && shown 'cluster.healing_threshold is not known to be 0'
shown 'lxc config set cluster.healing_threshold 0'
ssh_to micro01 sudo -n lxc config set cluster.healing_threshold 0
fault micro02:not-held=lxd
expect 0 check --to $TO --name held && shown 'A snap of micro02 is not held and may refresh by itself'
ssh_to micro02 sudo -n snap refresh --hold lxd
fault micro02:change-busy=lxd
expect 3 check --to $TO --name busy && shown 'snapd of micro02 is at work'
fault --clear micro02:change-busy
wait_for 60 idle || fail 'the change does not end'
expect 0 check --to $TO --name busy && not_shown 'is at work'

# Who belongs into the job: all members of the group, and all members of the cluster into the group
expect 3 check --to $TO --name two --hosts micro01,micro02
shown 'A member of the cluster is left out of the job, and does not run 2.1.1 already'
shown 'got "left out: micro03"'
expect 0 waive two left-out --reason 'micro03 is refreshed by hand'
expect 0 check --to $TO --name two --hosts micro01,micro02
sed 's/\["micro01", "micro02", "micro03"\]/["micro01", "micro02"]/' "$L/inventory.json" >"$TMP/two.json"
expect 0 inventory import "$TMP/two.json"
expect 3 check --to $TO --name group && shown 'unexpected "not in the group: micro03"'
expect 0 inventory import "$L/inventory.json"
judged

# --- On the way --------------------------------------------------------------------------------------
cloud 3 way
fault micro01:failed-before=microceph # long ago: not the change that the job has begun
expect 0 check --to $TO --name all
expect 4 upgrade --to $TO --name all --set ask=no --hold-after hold --hold-after microceph --timeout ceph-spare=60 --yes
n=0
while read -r fault status text; do
	n=$((n + 1))
	fault "$fault"
	[ $n -eq 1 ] && verb=resume || verb=retry
	expect 4 $verb all && shown "$text"
	fault --clear "${fault%%:*}"
	[ "$(events refresh-begin | grep -c "^${fault%%:*} ")" -eq "$status" ] || fail "$fault: $(events refresh-begin)"
	[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail "$fault: noout is left behind"
done <<'END'
micro01:store-busyx9 0 The snap store has had too many requests
micro01:osd-needed 0 The storage cannot spare the OSDs of micro01
micro02:apps-running=microcephx9 0 microceph cannot be refreshed on micro02 while its commands run
END
[ $n -eq 3 ] || fail "$n faults on the way"
fault micro03:hold-slipped=microceph # it is refreshed by itself, and gets what the others got all the same
slipped() {
	ssh_to micro03 'snap list microceph; snap changes microceph' && ! grep -qE ' 1271 | Doing ' "$TMP/out"
}
wait_for 60 slipped || fail 'micro03 has not refreshed by itself'
[ "$(revision micro03 microceph)" = 1601 ] || fail "micro03 runs $(revision micro03 microceph)"
expect 4 retry all && shown 'microceph is through'
[ "$(revision micro03 microceph)" = 1612 ] || fail "micro03 runs $(revision micro03 microceph)"
expect 1 cancel all
judged

# A newer revision than the first one got is never left for an older one: that is said
cloud 3 ahead
fault micro01:store-phased=microceph
expect 4 upgrade --to $TO --name all --set ask=no --hold-after hold --yes
ssh_to micro03 sudo -n snap refresh microceph --revision=1612
expect 4 resume all && shown 'micro03 runs a newer revision of microceph than micro01 got, 1601: unexpected "revision 1612"'
shown '--set microceph-revision=N'
[ "$(events refresh-begin | grep -c '^micro02')" -eq 0 ] || fail 'micro02 was refreshed'
expect 1 cancel all
expect 3 upgrade --to $TO --name newer --set ask=no --set microceph-revision=1612 --hold-after microceph --yes
shown 'micro02 and another member run different revisions: expected "1271" for rc, got "1601"'
for check in ceph-members same-revisions; do # left half way
	"$PROG" --state "$S" waive newer $check --reason 'left half way' >/dev/null 2>&1
done
expect 4 upgrade --to $TO --name newer --set ask=no --set microceph-revision=1612 --hold-after microceph --yes
for m in 1 2 3; do [ "$(revision micro0$m microceph)" = 1612 ] || fail "micro0$m has another revision"; done
# ... and who is through already need not be in the job
expect 1 cancel newer
ssh_to micro03 sudo -n snap refresh microcloud
"$PROG" --state "$S" check --to $TO --name rest --hosts micro01,micro02 >"$TMP/out" 2>"$TMP/err" </dev/null
shown 'Pre-checks:' && not_shown 'left out of the job'

# A member that is dead for good, and left out: the others are not refreshed, and what can be done is said
cloud 3 dead
expect 4 upgrade --to $TO --name all --set ask=no --hold-after microceph --timeout ceph-same=60 --yes
fault micro03:refusedx9999
expect 4 skip all micro03
expect 1 resume all && shown 'Not all members are known to run the revision of micro01'
shown 'take it out of the cluster (sudo microcloud remove NAME --force) and out of its group in the inventory'
events refresh-begin | grep microovn && fail 'microovn was begun'
finish
