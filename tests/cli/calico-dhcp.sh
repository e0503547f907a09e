#!/bin/sh
# SPDX-License-Identifier: ISC
# The DHCP agent of a compute host: neutron's serves until Calico's does, and on every way out, be it a
# failure, a cancel or a rollback, one agent runs and is switched on, and never two.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/calico-lib.sh"

agents() { # WANTED: "neutron-state/boot calico-state/boot" of cmp2
	is=$(on 22 'for a in neutron calico; do
		echo "$(systemctl is-active $a-dhcp-agent)/$(systemctl is-enabled $a-dhcp-agent 2>/dev/null)"
	done' | tr '\n' ' ')
	[ "$is" = "$1 " ] || fail "agents of cmp2: $is, not $1"
}
upgrade() { # STATUS NAME OPTIONS: of cmp2
	status=$1 name=$2
	shift 2
	expect "$status" upgrade --to $TO --name "$name" --hosts cmp2 --set api-closed=yes \
		--set etcd-upgrade=no --set ping-check=no --yes "$@"
}
installing() { log cmp2 | grep -q "^package-begin calico-felix .* -> $TO"; }

# --- The mirror fails: nothing has been switched off -------------------------------------------------
lab_up
agents 'active/enabled inactive/'
upgrade 4 mirror --hold-after packages
fault cmp2:mirror-unreachable
expect 1 resume mirror && shown 'What was not installed was not changed'
agents 'active/enabled inactive/'
logged cmp2 'service stop neutron-dhcp-agent' 0
clear cmp2
# --- A script fails half-way: neutron's agent serves again, and a retry ends well -------------------
fault cmp2:package-script-fails=calico-felix
expect 1 retry mirror && shown 'The script of package calico-felix failed on cmp2'
agents 'active/enabled inactive/'
expect 0 show mirror && not_shown 'could not be done'
fault cmp2:agent-dead=calico-dhcp-agent
expect 1 retry mirror && shown 'The DHCP agent does not start on cmp2'
agents 'active/enabled failed/disabled'
fault cmp2:agent-dead=calico-dhcp-agent # in the second attempt of the same step, too
expect 1 retry mirror && shown 'The DHCP agent does not start on cmp2'
agents 'active/enabled failed/disabled'
clear cmp2
expect 0 retry mirror
agents 'inactive/disabled active/enabled'
# --- The way back when all went well: the agent that ran before -------------------------------------
expect 0 rollback mirror cmp2
agents 'active/enabled inactive/disabled'
logged cmp2 'package-end calico-felix 3.3.6' 1

# --- A script fails and the packages go back by themselves ------------------------------------------
lab_up
fault cmp2:package-script-fails=calico-felix
upgrade 1 back --set rollback=yes
"$PROG" --state "$S" show back >"$TMP/out" 2>&1
grep -q '^cmp2 .*rolled back' "$TMP/out" || { fail 'cmp2 was not rolled back'; cat "$TMP/out" >&2; }
logged cmp2 'package-end calico-felix 3.3.6' 1
agents 'active/enabled inactive/'

# --- A cancel in the middle of the installation -----------------------------------------------------
lab_up
upgrade 4 cancelled --hold-after packages
fault 'cmp2:slow=20'
"$PROG" --state "$S" resume cancelled >"$TMP/up" 2>&1 </dev/null &
wait_for 60 installing || fail 'nothing is installed'
expect 0 cancel cancelled
wait
comes_to cancelled cancelled
idle() { ! runs cmp2 compute; }
wait_for 60 idle || fail 'apt-get goes on'
clear cmp2
n=$(on 22 'for a in neutron calico; do systemctl is-active $a-dhcp-agent; done' | grep -cx active)
[ "$n" -eq 1 ] || fail "$n DHCP agents run on cmp2 after a cancel"

# --- Two that run: somebody starts the other one again ----------------------------------------------
lab_up
upgrade 4 two --hold-after compute
agents 'inactive/disabled active/enabled'
on 22 'sudo systemctl start neutron-dhcp-agent'
expect 1 resume two && shown 'cmp2 is not well any more' && shown 'neutron-dhcp-agent active'
on 22 'sudo systemctl stop neutron-dhcp-agent'
expect 0 retry two
agents 'inactive/disabled active/enabled'

grep -q violation "$L/lab.log" && fail "violations: $(grep violation "$L/lab.log")"
finish
