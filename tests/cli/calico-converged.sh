#!/bin/sh
# SPDX-License-Identifier: ISC
# Hosts that do everything at once: etcd, compute and control. Whatever role the inventory gives them,
# each stands in all three stages, with each step once and in order; etcd keeps its majority in all of
# them, and Felix is looked for on all of them. Then one that is alone.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/calico-lib.sh"

device() { # NAME MODEL ROLE [TAG...]
	printf '{"name": "%s", "platform": "calico-openstack", "model": "%s", "role": "%s"' "$1" "$2" "$3"
	shift 3
	printf ', "tags": ['
	sep=
	for tag; do printf '%s"%s"' "$sep" "$tag" && sep=', '; done
	printf ']}'
}
fabric() { # DEVICES MEMBERS
	printf '{"format": 1, "version": "3.3.6", "to": "%s", "devices": [%s],
		"groups": [{"name": "etcd", "members": [%s]}]}' "$TO" "$1" "$2" >"$TMP/fabric.json"
	lab_up --from "$TMP/fabric.json"
}
three() {
	fabric "$(device all1 ubuntu control compute), $(device all2 ubuntu compute etcd control),
		$(device all3 centos etcd compute control), $(device cmp1 ubuntu compute)" '"all1", "all2", "all3"'
}
at() { # ADDRESS COMMAND
	ssh -F none -o "UserKnownHostsFile=$L/known_hosts" -o IdentitiesOnly=yes -i "$L/id_ed25519" \
		-p "$(sed -n 's/.*"port":[^0-9]*\([0-9]*\).*/\1/p' "$L/inventory.json" | head -n 1)" \
		"operator@127.66.1.$1" "$2" </dev/null
}
renamed() { # ADDRESS NAME: Felix there calls itself otherwise
	at "$1" "echo 'FelixHostname = $2' | sudo tee -a /etc/calico/felix.cfg >/dev/null
		sudo systemctl restart calico-felix"
}
stages() { # of the plan that was shown: "STAGE:HOST HOST", what is done at the same time in one word
	sed -n 's/^Stage [0-9]*: \([a-z-]*\),.*/\1/p; s/^ *Batch .*/-/p; s/^    \([a-z0-9]*\)  3[.].*/\1/p' \
		"$TMP/out" | tr '\n' ' '
}

# --- Whose Felix is missed --------------------------------------------------------------------------
three
expect 0 check --to $TO --name well --set api-closed=yes
renamed 4 elsewhere # of which nobody in this job can know
expect 0 check --to $TO --name one --hosts all1,all2,all3 --set api-closed=yes
# all others of the list have a host: none of theirs stands for the one that is missed
printf '{"format": 1, "devices": [{"name": "cmp9", "address": "127.66.1.9", "role": "compute",
	"platform": "calico-openstack"}]}' >"$TMP/more.json"
expect 0 inventory import --merge "$TMP/more.json"
expect 3 check --to $TO --name absent --hosts all1,all2,all3 --set api-closed=yes
shown 'absent cmp1 cmp9, and nobody knows elsewhere'

# --- The plan, and the whole way ---------------------------------------------------------------------
three
expect 0 plan --to $TO --name all --set api-closed=yes
shown 'Batches   15 (no plan needs fewer than 15)'
if [ "$(grep -c 'etcd keeps its majority: 1 of 3 away, at most 1 may be' "$TMP/out")" -ne 9 ]; then
	fail "etcd's majority is not kept in each stage"
fi
shown 'Point of no return: the last device of stage 2 (etcd)'
wanted='packages - all1 all2 all3 cmp1 etcd - all2 - all3 - all1 etcd-gate - all1 all2 all3'
wanted="$wanted compute - all2 - all3 - cmp1 - all1 compute-gate - all1 all2 all3 cmp1"
wanted="$wanted agents - all1 all2 all3 control - all2 - all3 - all1 control-gate - all1 all2 all3 "
[ "$(stages)" = "$wanted" ] || fail "the plan: $(stages)"
expect 4 upgrade --to $TO --name all --set api-closed=yes --hold-after compute-gate --yes
comes_to all 'held: point of no return of etcd'
logged all1 'package-begin etcd' 0
logged '' 'etcd-cluster-version 3.4' 0
expect 4 answer all 1 go
logged '' 'etcd-cluster-version 3.4' 1
# Felix of a host whose role says nothing of Felix is missed, too, and before neutron is touched
renamed 3 all2
expect 1 resume all && shown 'Felix does not report from every host' && shown 'absent all3'
for host in all1 all2 all3; do logged $host 'unit-started hitless-control' 0; done
at 3 "sudo sed -i '/^FelixHostname/d' /etc/calico/felix.cfg; sudo systemctl restart calico-felix"
expect 0 retry all
comes_to all 'done: 4 done'
no_harm
# (apt takes calico-control along with what compute needs: the new one runs when neutron-server restarts)
order=$(sed -n 's/.*"device":"\([a-z0-9]*\)","event":"package-end","detail":"\(etcd\|calico-felix\).*/\1-\2/p
	s/.*"device":"\([a-z0-9]*\)","event":"service","detail":"restart \(neutron-server\).*/\1-\2/p' "$L/lab.log" |
	uniq | tr '\n' ' ')
wanted='all2-etcd all3-etcd all1-etcd all2-calico-felix all3-calico-felix cmp1-calico-felix all1-calico-felix '
wanted="${wanted}all2-neutron-server all3-neutron-server all1-neutron-server "
[ "$order" = "$wanted" ] || fail "order: $order"
for host in all1 all2 all3; do
	for unit in lists etcd fetch compute control ping; do logged $host "unit-started hitless-$unit" 1; done
	logged $host 'etcd-backup /var/backups/hitless-etcd-' 1
	logged $host 'package-end calico-common' 1
	logged $host 'package-end networking-calico' 1
	log $host | grep -q '^service restart neutron-server' || fail "$host: neutron-server is the old one"
	log $host | grep -q '^service restart calico-felix$' || fail "$host: Felix was not restarted"
	if pings $host; then fail "$host still pings"; fi
done
logged cmp1 'unit-started hitless-control' 0
expect 0 upgrade --to $TO --name again --set api-closed=yes --yes # nothing to do is done, and not asked
for host in all1 all2 all3; do logged $host 'unit-started hitless-control' 1; done
no_harm

# --- The way back of one that went through all of it: all but etcd, which the others use by now ----------
each() { # ADDRESS CALICO ETCD: what is installed
	at "$1" "if command -v dpkg-query >/dev/null; then dpkg-query -W -f='\${Package} \${Version}\n' $packages
		else rpm -q --qf '%{NAME} %{VERSION}\n' $packages; fi" >"$TMP/installed"
	for package in $packages; do
		wanted=$2
		[ "${package%-server}" != etcd ] || wanted=$3
		grep -q "^$package $wanted" "$TMP/installed" || fail "host $1 does not have $package $wanted"
	done
}
restarts() { log $1 | grep -c "^service restart $2\$"; }
packages='calico-common calico-felix calico-dhcp-agent calico-control networking-calico etcd-server'
each 2 3.4.0 3.4.23
was="$(restarts all2 neutron-server) $(restarts all2 calico-felix) $(restarts all2 etcd)"
expect 0 rollback all all2
said 'Past its point of no return, left as it is on all2: etcd.'
expect 0 show all
shown 'as ordered; left as it is: etcd'
each 2 3.3.6 3.4.23
now="$(restarts all2 neutron-server) $(restarts all2 calico-felix) $(restarts all2 etcd)"
[ "$was $now" = '1 1 0 2 2 0' ] || fail "restarted: $was, then $now"
expect 0 report all --format json
grep -q '"why":[[:space:]]*"as ordered; left as it is: etcd"' "$TMP/out" || fail 'the report does not say what is left'
expect 2 rollback all all2 && said 'all2 is rolled back already'
no_harm
packages='calico-common calico-felix calico-dhcp-agent calico-control networking-calico etcd'
each 3 3.4.0 3.4
expect 0 rollback all all3 # by yum
each 3 3.3.6 3.4
# a way back that fails half way, and a retry: it is upgraded anew, not found done
expect 0 retry all all3
each 3 3.4.0 3.4
fault all3:agent-dead=neutron-server
expect 1 rollback all all3 && shown 'What ran before does not start on all3'
each 3 3.3.6 3.4
clear all3
at 3 'sudo systemctl restart neutron-server'
expect 0 retry all all3
each 3 3.4.0 3.4
# by itself, when the last component fails: what this job has brought before goes back, too
packages='calico-common calico-felix calico-dhcp-agent calico-control networking-calico etcd-server'
fault all2:package-script-fails=calico-control
expect 1 upgrade --to $TO --name auto --hosts all2 --set api-closed=yes --set rollback=yes --yes
shown 'The script of package calico-control failed on all2'
not_shown 'left as it is' # etcd was new before this job
each 2 3.3.6 3.4.23
clear all2
# back from the second last: apt would remove calico-control, which needs networking-calico of its version
fault all2:agent-dead=calico-felix
expect 1 upgrade --to $TO --name half --hosts all2 --set api-closed=yes --yes
each 2 3.4.0 3.4.23
clear all2
expect 1 rollback half all2
each 2 3.3.6 3.4.23
logged all2 'package-removed' 0
no_harm
finish
# --- One that is alone ---------------------------------------------------------------------------------
fabric "$(device one ubuntu control compute)" '"one"'
expect 3 check --to $TO --name refused --set api-closed=yes && shown '1 of 1 members are healthy'
expect 0 upgrade --to $TO --name one --set api-closed=yes --set accept-outage=yes --set ask=no --yes
logged '' 'etcd-cluster-version 3.4' 1
for package in 'etcd-server 3.4.23' 'calico-felix 3.4.0' 'calico-control 3.4.0'; do
	logged one "package-end $package" 1
done
# and the same before, on simulated hosts that do what the tags of the inventory say
expect 0 --json rehearse --name trial --to $TO --from 3.3.6 --set api-closed=yes --set accept-outage=yes
shown '"verdict":"good"'
for stage in etcd compute control; do shown "\"stage\":\"$stage\",\"done\":1"; done
finish
