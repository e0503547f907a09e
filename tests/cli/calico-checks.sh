#!/bin/sh
# SPDX-License-Identifier: ISC
# Hosts of a Calico network: what is looked at before and after, and what is said of it: Felix that does
# not report, packages that are held or half installed, locks, members of etcd that cannot be spared.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/calico-lib.sh"

lab_up
# --- Held and half installed packages of Red Hat ------------------------------------------------------
on 24 'sudo mkdir -p /etc/yum/pluginconf.d /var/lib/yum
	echo "0:calico-felix-3.3.6-1.el7.*" | sudo tee /etc/yum/pluginconf.d/versionlock.list' >/dev/null
expect 3 check --to $TO --name locked --hosts cmp4
shown 'A package is held on cmp4' && shown 'held: 0:calico-felix-3.3.6-1.el7.*'
on 24 'sudo rm /etc/yum/pluginconf.d/versionlock.list
	echo "exclude=kernel* calico*" | sudo tee /etc/yum.conf' >/dev/null
expect 3 check --to $TO --name excluded --hosts cmp4 && shown 'held: exclude=kernel* calico*'
on 24 'sudo rm /etc/yum.conf; sudo touch /var/lib/yum/transaction-all.2026-11-20.02:14.33'
expect 3 check --to $TO --name unfinished --hosts cmp4
shown 'Packages of cmp4 are only half installed' && shown 'transaction-all.2026-11-20'
on 24 'sudo rm /var/lib/yum/transaction-all.2026-11-20.02:14.33'
expect 0 check --to $TO --name whole --hosts cmp4

# --- yum ends in the middle: Felix is there twice, and that is no success, nor a begin ------------------
fault cmp4:transaction-crashes
twice() { # STATUS VERB WORDS
	expect "$@" && shown 'Package calico-felix.x86_64 is on cmp4 in two versions'
}
twice 1 upgrade --to $TO --name twice --hosts cmp4 --set api-closed=yes --set etcd-upgrade=no \
	--set ping-check=no --yes
twice 1 retry twice # yum has nothing to do, and says so with 0
on 24 'sudo yum-complete-transaction --cleanup-only'
expect 3 check --to $TO --name again --hosts cmp4 --set etcd-upgrade=no
shown 'Packages of cmp4 are only half installed' && shown 'twice calico-felix.x86_64'
on 24 'sudo package-cleanup --cleandupes'
expect 0 retry twice

lab_up
# --- A lock is waited for as long as lock-wait says ---------------------------------------------------
patient() { # STATUS NAME SECONDS
	expect "$1" upgrade --to $TO --name "$2" --hosts cmp2 --set api-closed=yes --set etcd-upgrade=no \
		--set ping-check=no --set lock-wait="$3" --yes
}
fault cmp2:packages-locked=1500
patient 1 short 60
shown 'Another process installs packages on cmp2 and does not end' && shown 'not within 1m30s'
logged cmp2 'package-begin' 0
clear cmp2
fault cmp2:packages-locked=1500
patient 0 long 3000

# --- Felix that cannot be asked is "not checked", never "reports" -------------------------------------
for i in 1 2 3; do on 2$i 'sudo sed -i "s/^HealthEnabled.*/# none/" /etc/calico/felix.cfg'; done
on 11 'sudo cat /root/admin-openrc' >"$TMP/openrc" # cmp3 may ask the API
on 23 "echo '$(cat "$TMP/openrc")' | sudo tee /root/admin-openrc" >/dev/null
fault cmp1:felix-silent
fault cmp3:felix-silent
expect 4 upgrade --to $TO --name felix --hosts 'cmp1,cmp3,cmp4' --set api-closed=yes --set etcd-upgrade=no --yes
shown 'OpenStack does not hear of Felix on cmp3' && shown 'dead cmp3'
expect 0 show felix && shown 'Not checked: whether Felix of cmp1 reports'
if grep -q 'whether Felix of cmp[34]' "$TMP/out"; then fail 'who was asked is not checked'; fi
clear cmp3
expect 0 retry felix cmp3
# a job with control hosts asks for all; who is not in the list at all is missed, too
clear cmp1
expect 4 upgrade --to $TO --name control --hosts 'cmp1,ctl1' --set api-closed=yes --set etcd-upgrade=no \
	--hold-after compute --yes
fault cmp1:felix-silent
expect 1 resume control && shown 'Felix does not report from every host' && shown 'dead cmp1'
clear cmp1
expect 0 retry control
# Felix reports under the name of its file or its environment, not under that of the inventory
on 21 'echo "FelixHostname = nova-1" | sudo tee -a /etc/calico/felix.cfg >/dev/null'
on 22 'sudo mkdir -p /etc/systemd/system/calico-felix.service.d
	printf "[Service]\nEnvironment=FELIX_FELIXHOSTNAME=nova-2\n" |
	sudo tee /etc/systemd/system/calico-felix.service.d/name.conf >/dev/null'
on 22 "echo '$(cat "$TMP/openrc")' | sudo tee /root/admin-openrc" >/dev/null
for i in 1 2; do on 2$i 'sudo systemctl restart calico-felix'; done
fault cmp2:felix-silent
expect 4 upgrade --to $TO --name named --hosts 'cmp1,cmp2,ctl2' --set api-closed=yes --set etcd-upgrade=no --yes
shown 'OpenStack does not hear of Felix on cmp2' && shown 'dead nova-2'
clear cmp2
expect 0 retry named cmp2
# of hosts that are not in the job nobody knows the name: as many unknown agents report as hosts are missed
expect 0 check --to $TO --name outside --hosts ctl3 --set api-closed=yes --set etcd-upgrade=no
printf '{"format": 1, "devices": [{"name": "cmp9", "address": "127.66.0.29", "role": "compute",
	"platform": "calico-openstack"}]}' >"$TMP/more.json"
expect 0 inventory import --merge "$TMP/more.json"
expect 3 check --to $TO --name absent --hosts 'ctl1' --set api-closed=yes --set etcd-upgrade=no
shown 'Felix does not report from every host' && shown 'absent cmp1 cmp2 cmp9, and nobody knows nova-1 nova-2'
exact() { expect "$1" upgrade --to $TO --name exact --hosts 'cmp1,cmp2,ctl1' --set api-closed=yes --set etcd-upgrade=no --yes; }
exact 3
expect 0 waive exact agents --reason 'cmp9 is to come'
exact 1 && shown 'unexpected "absent cmp9"'

# --- BGP sessions that do not come back ------------------------------------------------------------------
lab_up
installing() { log cmp1 | grep -q "^package-begin calico-felix .* -> $TO"; }
expect 4 upgrade --to $TO --name bgp --hosts cmp1 --set api-closed=yes --set etcd-upgrade=no --set ping-check=no \
	--hold-after packages --yes
fault 'cmp1:slow=10'
"$PROG" --state "$S" resume bgp >"$TMP/up" 2>&1 </dev/null &
wait_for 60 installing || fail 'nothing is installed'
on 21 'sudo systemctl stop bird'
clear cmp1
wait
cp "$TMP/up" "$TMP/out"
shown 'cmp1 is not well after the upgrade' && shown 'for sessions_now, got "0"'
on 21 'sudo systemctl start bird'
expect 0 retry bgp

# --- Members of etcd that cannot be spared; nothing without an answer ----------------------------------
lab_up
etcd_only() { # STATUS VERB NAME OPTIONS
	status=$1
	shift
	expect "$status" upgrade --to $TO --hosts ctl1,ctl2,ctl3 --set api-closed=yes --set api-check=no --yes "$@"
}
etcd_only 4 --name spare --hold-after packages
fault ctl3:etcd-unhealthy
expect 4 resume spare
shown 'members are healthy, 3 are needed' && shown 'etcd cannot spare'
logged '' 'package-begin etcd' 0
clear ctl3
for host in ctl1 ctl2 ctl3; do fault $host:etcd-silent; done
expect 4 retry spare
shown 'does not answer at http://127.0.0.1:2379' && shown 'without a backup etcd is not touched'
for host in ctl1 ctl2 ctl3; do
	logged $host 'package-begin etcd' 0
	clear $host
done
expect 4 retry spare && comes_to spare 'held: point of no return of etcd'
expect 0 answer spare 1 go
no_harm
# --- Steps of etcd with conditions of their own --------------------------------------------------------
for host in ctl1 ctl2 ctl3; do fault $host:mirror-ahead=3.5.16-4; done
fault ctl2:etcd-auth
etcd_only 4 --name logins && shown 'etcd of ctl2 may not go from 3.4 to 3.5 as it is: its users have to log in'
logged ctl2 'package-end etcd-server 3.5' 0
clear ctl2
expect 1 cancel logins
mirror() { # VERSION: of etcd, on each member
	for host in ctl1 ctl2 ctl3; do
		"$PROG" lab fault --dir "$L" --clear $host >/dev/null 2>&1
		fault $host:mirror-ahead="$1"
	done
}
# to 3.6 nobody goes of whom it is not known that it holds no data of the API v2; what is looked at is a
# copy of the directory that the server uses, wherever that is
mirror 3.5.33-1
clear ctl2
fault ctl2:mirror-ahead=3.5.30-2
etcd_only 0 --name modern --set ask=no
logged '' 'etcd-cluster-version 3.5' 1
mirror 3.6.1-1
fault ctl3:etcd-v2-data
etcd_only 4 --name v2data
shown 'etcd of ctl2 may not go from 3.5 to 3.6 as it is: it runs 3.5.30'
shown 'etcd of ctl3 may not go from 3.5 to 3.6 as it is: nobody can say that it holds no data of the API v2'
expect 0 show v2data --device ctl1
shown 'data of etcd in /var/lib/etcd/default: No custom content found in both v2store and WAL records'
logged '' 'package-end etcd-server 3.6' 0
[ -z "$(on 11 'ls /tmp')" ] || fail "left in /tmp of ctl1: $(on 11 'ls /tmp')"
expect 1 cancel v2data
mirror 3.5.33-1
expect 0 upgrade --to $TO --hosts ctl2 --set api-closed=yes --set api-check=no --yes --name newest --set ask=no
mirror 3.6.1-1
etcd_only 0 --name latest --set ask=no
logged '' 'etcd-cluster-version 3.6' 1
no_harm
# --- Two members: without one there is no majority, and somebody has to say that this is accepted -------
lab_up --size 3
expect 3 check --to $TO --name two --set api-closed=yes && shown 'Without ctl1 etcd has no majority'
expect 0 upgrade --to $TO --name outage --set api-closed=yes --set accept-outage=yes --set ask=no --yes
logged ctl1 'package-end etcd-server 3.4.23' 1
logged ctl2 'package-end etcd 3.4.14-1.el7' 1 # by yum, which restarts nothing
log ctl2 | grep -q '^service restart etcd$' || fail 'ctl2: etcd goes on with the old program'
logged '' 'etcd-cluster-version 3.4' 1
log '' | grep -q '^etcd-writes-refused' || fail 'a cluster of two has always taken writes'
grep -q violation "$L/lab.log" && fail "violations: $(grep violation "$L/lab.log")"
finish
