#!/bin/sh
# SPDX-License-Identifier: ISC
# Hosts of a Calico network with every fault at once, and each way out of it: cancel, kill -9 and resume,
# kill -9 and cancel. What is waited for is said; after it no ping runs, one DHCP agent does, packages are
# whole, and nothing was installed twice.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/calico-lib.sh"

at_work() { # both have come to where they wait: cmp1 for the lock, cmp2, which kept a file, for Felix
	"$PROG" --state "$S" show ends >"$TMP/now" 2>&1
	grep -q '^cmp1 .* packages-lock ' "$TMP/now" && grep -q '^cmp2 .* compute-after ' "$TMP/now" &&
		log cmp1 | grep -q '^unit-started hitless-ping'
}
begin() {
	lab_up
	expect 4 upgrade --to $TO --name ends --hosts 'cmp1,cmp2' --set api-closed=yes --set etcd-upgrade=no \
		--set lock-wait=7200 --timeout compute-after=7200 --role-limit 2 --hold-after packages --yes
	fault cmp1:packages-locked=20000
	fault cmp2:felix-silent
	fault cmp2:conffile-prompt
	"$PROG" --state "$S" resume ends >"$TMP/follow" 2>&1 </dev/null &
	follower=$!
	wait_for 90 at_work || { fail 'the faults have not come about'; cat "$TMP/now" >&2; }
	expect 0 show ends
	shown 'Another process installs packages on cmp1' && shown 'unattended-upgr 21376'
}
murder() { # the process of the job and who follows it
	owner=$("$PROG" --state "$S" show ends | sed -n 's/^Process: [^0-9]*\([0-9]*\).*/\1/p')
	kill -9 $follower 2>/dev/null
	kill -9 "$owner" 2>/dev/null || fail 'no process to kill'
	wait $follower 2>/dev/null
}
as_before() { # whatever was done: what was there for the time of the upgrade only is gone
	for host in 1 2; do
		if pings cmp$host; then fail "cmp$host still pings"; fi
		n=$(on 2$host 'for a in neutron calico; do
			echo "$(systemctl is-active $a-dhcp-agent)/$(systemctl is-enabled $a-dhcp-agent 2>/dev/null)"
		done' | grep -cx active/enabled)
		[ "$n" -eq 1 ] || fail "$n DHCP agents serve on cmp$host"
		[ -z "$(on 2$host 'sudo dpkg --audit')" ] || fail "half installed packages on cmp$host"
		[ "$(log cmp$host | grep -c "^package-end calico-felix $TO")" -le 1 ] || fail "twice on cmp$host"
	done
	on 22 'ls /etc/calico' | grep -q 'felix.cfg.dpkg-dist' || fail 'the new file of cmp2 is gone'
	no_harm
}

begin # what is installed goes on to its end, and that is when Felix reports
expect 0 cancel ends
clear cmp2
wait $follower
comes_to ends cancelled
as_before
logged cmp1 'package-begin' 0

begin
murder
for host in cmp1 cmp2; do "$PROG" lab fault --dir "$L" --clear $host >/dev/null 2>&1; done
expect 0 resume ends
comes_to ends 'done: 2 done'
as_before
expect 0 show ends && shown 'A package of cmp2 brought a new configuration file'

begin
murder
clear cmp2
expect 1 cancel ends
comes_to ends cancelled
as_before
logged cmp1 'package-begin' 0

# --- etcd: a member that is not well when it begins; who waits for it can be called off --------------
lab_up
expect 4 upgrade --to $TO --name ends --hosts ctl1,ctl2,ctl3 --set api-closed=yes --hold-after packages \
	--timeout etcd-before=7200 --yes
fault ctl3:etcd-unhealthy
"$PROG" --state "$S" resume ends >"$TMP/follow" 2>&1 </dev/null &
follower=$!
waits() { "$PROG" --state "$S" show ends | grep -q '^ctl[0-9] .* etcd-before '; }
wait_for 60 waits || fail 'nobody waits for etcd'
expect 0 cancel ends
wait $follower
comes_to ends cancelled
logged '' 'package-begin etcd' 0
no_harm
finish
