#!/bin/sh
# SPDX-License-Identifier: ISC
# Hosts of a Calico network for OpenStack: component by component, one member of etcd after the
# other, with every fault of such hosts on the way: what is said, what is left alone, and that a retry
# ends well. The lab's log proves the order, that etcd always took writes, and what ran how often.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/calico-lib.sh"

# --- What is seen before anything begins ---------------------------------------------------------
lab_up
n=0
while read -r device fault text; do
	n=$((n + 1))
	fault "$device:$fault"
	expect 3 check --to $TO --name "h$n" && shown "$text"
	clear "$device"
done <<'END'
ctl2 etcd-unhealthy Not every member of etcd is healthy, as ctl1 sees it
cmp1 package-held A package is held on cmp1
cmp2 sudo-password without a password
END
on 23 'sudo systemctl stop calico-felix'
expect 3 check --to $TO --name felix && shown 'Felix or the DHCP agent of cmp3 does not run'
on 23 'sudo systemctl start calico-felix'
on 11 'sudo systemctl stop neutron-server'
expect 3 check --to $TO --name neutron && shown 'neutron-server of ctl1 does not run'
on 11 'sudo systemctl start neutron-server'
expect 3 check --to 3.2.0 --name older && shown 'it is older'
fault cmp2:packages-locked=60
expect 0 check --to $TO --name lock
shown 'Another process installs packages on cmp2' && shown 'unattended-upgr 21376 /var/lib/dpkg/lock-frontend'
clear cmp2
expect 0 check --to $TO --name good --set api-closed=yes && not_shown 'requests to the API'
expect 0 check --to $TO --name warned && shown 'requests to the API of OpenStack may fail'
shown 'networking-calico was installed on cmp1 by pip'
fault cmp3:fails=systemctl\ is-system-running
expect 3 check --to $TO --name upstart && shown 'cmp3 is not run by systemd'
clear cmp3
expect 0 plan --to $TO --name preview
shown 'From stage 1 (packages) on: Requests to the API of OpenStack may fail'
shown 'Point of no return: the last device of stage 2 (etcd)'

on 12 'sudo mkdir -p /usr/sbin; echo exit 101 | sudo tee /usr/sbin/policy-rc.d >/dev/null' # its scripts restart nothing

# What operators write for themselves; of several endpoints its own is the one that is asked. From 3.4
# on etcdctl takes no endpoints from both sides.
on 12 'sudo mkdir -p /etc/default; echo "ETCDCTL_ENDPOINTS=http://10.0.0.99:2379,http://$(hostname -I | cut -d" " -f2):2379" |
	sudo tee /etc/default/etcdctl' >/dev/null

# --- Nothing begins on any host before all of them have what they need ---------------------------
fault cmp3:mirror-unreachable
fault ctl1:mirror-ahead
expect 4 upgrade --to $TO --name all --yes && shown 'The mirror of packages does not answer cmp3'
shown 'etcd of ctl1 may not go that far in one step' && shown 'from 3.3 to 3.6'
grep -q package-begin "$L/lab.log" && fail 'something was installed'
clear ctl1
expect 4 retry all ctl1 && shown 'cmp3 failed'
expect 4 rollback all cmp3 && shown 'No package of cmp3 is changed up to stage packages'
clear cmp3
# a lock is waited for, and who holds it is said; etcd that does not come back holds the job
fault cmp3:packages-locked=40
fault ctl2:etcd-stays-downx9
expect 4 retry all cmp3 && shown 'etcd does not start on ctl2'
expect 0 show all
shown 'Another process installs packages on cmp3' && shown 'unattended-upgr 21376'
logged ctl3 'package-begin etcd' 0
clear ctl2
expect 4 retry all ctl2
comes_to all 'held: point of no return of etcd'
logged ctl1 'package-begin etcd' 0

# --- The last member of etcd, then the compute hosts, each with a fault of its own ----------------
fault cmp1:conffile-prompt
fault cmp1:pip-managed
fault cmp1:upgrade-nothing
fault cmp2:agent-dead=calico-dhcp-agent
fault cmp3:pings-lost=40
fault cmp4:felix-silent
expect 4 answer all 1 go
logged '' 'etcd-cluster-version 3.4' 1
shown 'calico-common was kept back on cmp1, although the installation said it succeeded'
shown 'The DHCP agent does not start on cmp2'
logged cmp3 'package-begin' 0
clear cmp2
expect 4 retry all cmp1
expect 0 show all --device cmp1 && shown 'Keeping old config file'
expect 0 show all
shown 'A package of cmp1 brought a new configuration file' && shown '/etc/calico/felix.cfg.dpkg-dist'
expect 4 retry all cmp2
shown 'Workload 10.65.5.2 of cmp3 lost' && shown 'cmp4 is not well after the upgrade'
logged ctl1 'package-begin calico' 0
expect 4 retry all cmp3
clear cmp4
expect 0 retry all cmp4
comes_to all 'done: 7 done'
no_harm
# etcd one after the other, then compute, then control; no host is installed twice
order=$(sed -n 's/.*"device":"\([a-z]*\)[0-9]*","event":"package-end","detail":"\(etcd\|calico\).*/\1-\2/p' \
	"$L/lab.log" | uniq | tr '\n' ' ')
[ "$order" = 'ctl-etcd cmp-calico ctl-calico ' ] || fail "order: $order"
for host in ctl1 ctl2 ctl3; do
	logged $host 'package-end etcd-server 3.4.23' 1
	logged $host 'etcd-backup /var/backups/hitless-etcd-' "$(log $host | grep -c etcd-backup)"
	[ "$(log $host | grep -c etcd-backup)" -ge 1 ] || fail "$host: no backup"
	logged $host 'package-end calico-control 3.4.0' 1
	log $host | grep -q '^service restart neutron-server' || fail "$host: neutron-server is the old one"
done
for host in cmp1 cmp2 cmp3 cmp4; do
	logged $host 'package-end calico-felix 3.4.0' 1
	log $host | grep -q '^killed dnsmasq' || fail "$host: dnsmasq is the old one"
	log $host | grep -q '^service restart calico-felix$' || fail "$host: Felix was not restarted"
	if pings $host; then fail "$host still pings"; fi
done
logged ctl2 'service restart etcd (by its package)' 0
log ctl2 | grep -q '^service restart etcd$' || fail 'ctl2: etcd goes on with the old program'
logged cmp1 'pip-removed networking-calico' 1
logged cmp2 'service disable neutron-dhcp-agent' 2 # the first time Calico's did not start
logged cmp4 'package-end python-etcd 0.4.5-2.el7' 1
logged cmp4 'package-end openstack-neutron 1:12.1.1-2.el7' 1
on 24 'sudo cat /etc/neutron/neutron.conf' | grep -q '^lock_path = $state_path/lock' || fail 'lock_path is not set'

# --- The way back, as long as there is one --------------------------------------------------------
lab_up
# a member of etcd that does not start gets its old version back, and is upgraded once more
fault ctl3:etcd-stays-downx9
expect 4 upgrade --to $TO --name back --set rollback=yes --set api-closed=yes --yes
shown 'etcd does not start on ctl3'
no_harm
clear ctl3
drops_each 'echo asked' ctl1 ctl2 ctl3
expect 4 rollback back ctl3
stepped back
for host in ctl1 ctl2 ctl3; do clear $host; done
logged ctl3 'package-end etcd-server 3.3.25' 1
log ctl3 | grep -q '^etcd-up 3.3.25' || fail 'ctl3 has not come back with its old version'
expect 0 show back && shown 'rolled back'
expect 4 retry back ctl3
logged ctl3 'package-end etcd-server 3.4.23' 2
# when the last one is through the cluster uses the new version: the old one cannot come back
fault 'ctl1:fails=du -sk /var/lib/etcd'
expect 4 answer back 1 go
shown 'ctl1 cannot go back' && shown 'cluster 3.4.0, before 3.3'
logged ctl1 'package-end etcd-server 3.3.25' 0
clear ctl1
# a host whose script fails gets its old packages back, by itself
fault cmp1:package-script-fails=calico-felix
expect 4 retry back ctl1
shown 'The script of package calico-felix failed on cmp1'
logged cmp1 'package-end calico-common 3.3.6' 1
"$PROG" --state "$S" show back >"$TMP/out" 2>&1
grep -q '^cmp1 .*rolled back' "$TMP/out" || { fail 'cmp1 was not rolled back'; cat "$TMP/out" >&2; }
no_harm

# --- Sessions that drop: each command of each step, once before it is run and once while it runs ------
lab_up
drops_each 'unit=hitless-lists' ctl1 ctl2 ctl3 cmp2 cmp4
expect 4 upgrade --to $TO --name drops --hosts ctl1,ctl2,ctl3,cmp2,cmp4 --set api-closed=yes --yes
expect 0 answer drops 1 go
comes_to drops 'done: 5 done'
no_harm
for unit in etcd fetch compute control lists ping; do
	grep -o "\"device\":\"[a-z0-9]*\",\"event\":\"unit-started\",\"detail\":\"hitless-$unit" "$L/lab.log" |
		sort | uniq -d | grep . && fail "hitless-$unit was started twice"
done
for host in ctl1 ctl2 ctl3; do
	logged $host 'package-end etcd-server' 1
	logged $host 'package-end calico-control' 1
done
for host in cmp2 cmp4; do logged $host 'package-end calico-felix 3.4.0' 1; done
for host in cmp2 ctl3; do
	expect 0 rollback drops $host
	n=$(log $host | grep -c '^unit-started hitless-back')
	[ "$n" -eq 1 ] || fail "hitless-back was started $n times on $host"
done
logged cmp2 'package-end calico-felix 3.3.6' 1
logged ctl3 'package-end calico-control 3.3.6' 1
stepped drops

# --- The process is killed in the middle, another one goes on; a job is cancelled -------------------
lab_up
expect 4 upgrade --to $TO --name killed --set api-closed=yes --yes
fault 'cmp1:slow=20'
"$PROG" --state "$S" answer killed 1 go >/dev/null 2>&1 </dev/null &
wait_for 60 pings cmp1 || fail 'no ping on cmp1'
kill -9 $! # nobody follows it any more, and nobody starts another one
owner=$("$PROG" --state "$S" show killed | sed -n 's/^Process: [^0-9]*\([0-9]*\).*/\1/p')
kill -9 "$owner" || fail 'no process to kill'
wait
pings cmp1 || fail 'the ping ended by itself'
clear cmp1
expect 0 resume killed
comes_to killed 'done: 7 done'
no_harm
for host in cmp1 cmp2 cmp3 cmp4; do
	logged $host 'package-end calico-felix 3.4.0' 1
	if pings $host; then fail "$host still pings after a killed process"; fi
done
lab_up
expect 4 upgrade --to $TO --name stopped --set api-closed=yes --yes
fault 'cmp1:slow=20'
fault 'cmp1:hangs=unit=hitless-compute'
"$PROG" --state "$S" answer stopped 1 go >/dev/null 2>&1 </dev/null &
wait_for 60 pings cmp1 || fail 'no ping on cmp1'
expect 0 cancel stopped
wait
clear cmp1
comes_to stopped cancelled
for host in cmp1 cmp2; do if pings $host; then fail "$host still pings after a cancel"; fi; done
logged cmp3 'package-begin' 0

# --- A cluster with the API v2: another health, another backup, the hop from 2.2 to 2.3 ---------------
lab_up --from 2.6.5
expect 3 check --to 3.1.0 --name converts && shown 'writes all data anew'
fault ctl2:etcd-unhealthy # "cluster is healthy" says etcdctl all the same
expect 3 check --to 2.6.6 --name sick && shown 'Not every member of etcd is healthy'
clear ctl2
drops_each 'unit=hitless-lists' cmp3
head -c 60000000 /dev/zero | feed 11 'sudo tee /var/lib/etcd/default/member/snap/more >/dev/null' # much data
expect 0 upgrade --to 2.6.6 --name v2 --hosts ctl1,ctl2,ctl3,cmp1,cmp3,cmp4 --set api-closed=yes \
	--set ask=no --yes
no_harm 2000 # its leader cannot be asked to yield
for host in ctl1 ctl2 ctl3; do
	logged $host 'package-end etcd-server 2.3.7' 1
	logged $host 'etcd-backup /var/backups/hitless-etcd-' 1
done
logged '' 'etcd-cluster-version 2.3' 1
logged cmp3 'package-end etcd-server 2.3.7' 1 # a proxy, after the members
waited=$(($(when ctl2 'package-begin etcd-server') - $(when ctl1 'package-end etcd-server')))
[ "$waited" -ge 120000 ] || fail "ctl2 waited for $waited ms after ctl1, not for two minutes"
waited=$(($(when ctl3 'package-begin etcd-server') - $(when ctl2 'package-end etcd-server')))
[ "$waited" -lt 120000 ] || fail "ctl3 waited for $waited ms after little data"
[ "$(grep 'package-end","detail":"etcd-server' "$L/lab.log" | tail -n 1 | grep -c cmp3)" -eq 1 ] ||
	fail 'the proxy was not the last one'
logged cmp4 'package-end calico-felix 2.6.6' 1
stepped v2
clear cmp3
# a proxy goes back with the rest of its host: no cluster depends on its version
expect 0 rollback v2 cmp3
logged cmp3 'package-end etcd-server 2.2.5' 1
logged cmp3 'package-end calico-felix 2.6.5' 1
not_shown 'left as it is'
# the host that was left out keeps the DHCP agent of neutron
expect 0 upgrade --to 2.6.6 --name own --hosts cmp2 --set dhcp-agent=neutron --set api-closed=yes --yes
logged cmp2 'service stop neutron-dhcp-agent' 0
logged cmp2 'service restart neutron-dhcp-agent' 1
logged cmp2 'service restart calico-dhcp-agent' 0
# a host that is through with its upgrade goes back
expect 0 rollback own cmp2
logged cmp2 'package-end calico-felix 2.6.5' 1
# a proxy that the job has left alone is not touched by its way back
expect 0 upgrade --to 2.6.6 --name kept --hosts cmp3 --set etcd-upgrade=no --set api-closed=yes --yes
n=$(log cmp3 | grep -c '^service restart etcd')
expect 0 rollback kept cmp3
[ "$(log cmp3 | grep -c '^service restart etcd')" -eq "$n" ] || fail 'the proxy was restarted'
# --- Nothing to do is done -----------------------------------------------------------------------
drops_each 'unit=hitless-lists' ctl1
expect 0 upgrade --to 2.6.6 --name again --hosts ctl1,ctl2,ctl3,cmp4 --set api-closed=yes --yes
stepped again
clear ctl1
logged cmp4 'package-end calico-felix 2.6.6' 1
logged ctl1 'service restart neutron-server' 1

# --- The demo, from nothing to a report, and nobody there to answer --------------------------------
"$PROG" lab down --dir "$L" >/dev/null 2>&1
"$PROG" demo --fabric calico --headless --speed 120 --dir "$TMP/demo" >"$TMP/out" 2>"$TMP/err" </dev/null ||
	fail "the demo ended with $?"
shown '$ hitless answer demo 1 go' && shown 'Job "demo": done: 7 done' && shown 'Report:'
L=$TMP/demo/lab
no_harm
logged '' 'etcd-cluster-version 3.4' 1

# --- No step of the procedure was left out when sessions dropped -----------------------------------
every_step
finish
