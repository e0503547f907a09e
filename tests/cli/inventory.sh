#!/bin/sh
# SPDX-License-Identifier: ISC
# The inventory without a network: imports, role rules, decommission, contradictions in the file.
. "${srcdir:-.}/tests/cli/lib.sh"
D=$srcdir/tests/data/inventory

# has REGEX: a line of the output
has() {
	grep -qE -- "$1" "$TMP/out" || { fail "no line like $1"; sed 's/^/    | /' "$TMP/out" >&2; }
}
same() { # nothing was changed
	[ "$before" = "$(cksum <"$S/inventory.json")" ] || fail "the inventory was changed: $*"
}

# Ansible: groups are roles, sites and tags; passwords in variables are nobody's business
bad 'name it with --platform' inventory import "$D/semicolon.csv"
expect 0 inventory import "$D/ansible.json" --platform cumulus-linux && shown '7 devices, 0 redundancy groups, 0 links'
said 'localhost is left out' && said 'arista01 is left out: no procedure knows its platform "eos"'
said 'the file logs in as cumulus'
grep -rq s3cr3t-word "$S" && fail "a password of the file was kept"
expect 0 inventory list
has '^leaf03 +192.168.200.13 port 2222 +cumulus-linux +leaf +file .* ams1'
has '^border01 +2001:db8::63 .* exit +file'
ssh-keygen -q -t ed25519 -N '' -f "$TMP/key"
expect 0 credential add ops --user cumulus --key "$TMP/key"
cp -r "$S" "$TMP/s2"
S=$TMP/s2
rm "$S/inventory.json"
expect 0 inventory import "$D/ansible.json" --platform cumulus-linux
expect 0 inventory list && has '^leaf01 .* ops +ams1'
S=$TMP/state

# What others call the platforms is known, of every procedure; who is left out is counted by cause
cat >"$TMP/os.json" <<'END'
{"_meta": {"hostvars": {
  "sw1": {"ansible_host": "192.0.2.1", "ansible_network_os": "cumulus", "ansible_user": "nobody"},
  "sw2": {"ansible_host": "192.0.2.2", "ansible_network_os": "nvidia.nvue.nvue"},
  "sw3": {"ansible_host": "192.0.2.3", "ansible_network_os": "cumulus_linux"},
  "sw4": {"ansible_host": "192.0.2.4", "ansible_network_os": "CumulusLinux"},
  "server01": {"ansible_host": "192.0.2.9"}}},
 "all": {"hosts": ["sw1", "sw2", "sw3", "sw4", "server01"]}}
END
cat >"$TMP/nb.json" <<'END'
{"count": 2, "results": [
 {"name": "nb1", "status": {"value": "active"}, "platform": {"slug": "cumulus"},
  "device_role": {"slug": "leaf"}, "primary_ip4": {"address": "192.0.2.31/24"}},
 {"name": "nb2", "status": {"value": "offline"}, "platform": {"slug": "cumulus"},
  "device_role": {"slug": "leaf"}, "primary_ip4": {"address": "192.0.2.32/24"}}]}
END
S=$TMP/s3
expect 0 inventory import "$TMP/os.json" && shown '4 devices'
said '1 of 5 devices of the file are left out: 1 whose platform the file does not say'
expect 0 inventory list && not_shown server01 && has '^sw2 .* cumulus-linux'
expect 0 inventory import "$TMP/nb.json" && said '1 of 2 devices of the file are left out: 1 with the status offline'
expect 0 inventory list && has '^nb1 .* cumulus-linux'
expect 0 inventory import "$TMP/os.json" --platform cumulus-linux
said 'does not say what 1 of its devices are, and they are taken for cumulus-linux: server01'
sed 's/cumulus_linux/eos/;s/CumulusLinux/ios/;s/"cumulus"/"eos"/' "$TMP/os.json" >"$TMP/most.json"
S=$TMP/s4
expect 1 inventory import "$TMP/most.json" && shown '1 device'
said '4 of 5 devices of the file are left out: 2 of the platform "eos", which no procedure knows, 1 of the platform "ios"'
expect 1 --json inventory import "$TMP/most.json" && shown '"left_out":4'
S=$TMP/s5
sed 's/nvidia.nvue.nvue/eos/' "$TMP/most.json" >"$TMP/none.json"
bad 'all 5 of its devices are left out: 3 of the platform "eos"' inventory import "$TMP/none.json"
said "use one of 'hitless procedure list'"
S=$TMP/state

# A cabling plan brings links; a dry run nothing; what it does not know stays
before=$(cksum <"$S/inventory.json")
expect 0 inventory import "$D/topology.dot" --dry-run && has '^\+ link leaf01:swp51 -- spine01:swp1$'
same dry run
expect 0 inventory import "$D/topology.dot" && shown '7 devices, 0 redundancy groups, 12 links'
said 'server01 is left out' && said '2 links are left out'
expect 0 inventory import "$D/topology.dot" && shown 'nothing changes'

# A side of the picture is no part of a port; ports that get lost, and two links at one port, are told
printf 'graph g {\n "leaf01":"swp1":n -- "leaf02":"swp1":s\n {"leaf01":"swp2" "leaf02":"swp2"} -- "spine01":"swp9"\n "leaf01":"swp3" -- "spine01":"swp8"\n "leaf01":"swp3" -- "spine02":"swp8"\n}\n' >"$TMP/sides.dot"
expect 0 inventory import "$TMP/sides.dot" --dry-run && has '^\+ link leaf01:swp1 -- leaf02:swp1$'
said '2 of 5 links have no port at an end' && said 'leaf01:swp3 has two links, leaf01:swp3 -- spine01:swp8 and'
expect 0 inventory set leaf02 credential nope && said 'the credential "nope", which is not there yet'
expect 0 inventory set leaf02 credential default

# NetBox: only active ones with an address; a serial number comes along; links stay
expect 0 inventory import "$D/netbox.json"
has '^~ device leaf01  serial - -> MT2019X00001$'
said 'leaf09 is left out: its status is planned' && said 'pdu01 is left out'
expect 0 inventory list --json && shown '"serial":"MT2019X00001"' && shown '["leaf01:swp51","spine01:swp1"]'

# From a pipe: standard input, and what has a name
"$PROG" --state "$S" inventory import - <"$D/netbox.json" >"$TMP/out" 2>"$TMP/err" || fail "a file as -"
shown 'nothing changes'
cat "$D/netbox.json" | "$PROG" --state "$S" inventory import - >"$TMP/out" 2>"$TMP/err" || fail "a pipe as -"
shown 'nothing changes'
mkfifo "$TMP/pipe"
cat "$D/netbox.json" >"$TMP/pipe" &
expect 0 inventory import "$TMP/pipe" && shown 'nothing changes'
wait

# CSV, and what was set by hand stays
expect 0 inventory set leaf01 role exit
expect 0 inventory import "$D/devices.csv" --platform cumulus-linux --json
shown '"changes":[{"change":"changed","of":"device","name":"leaf01"'
shown 'keeps the role exit that was set by hand; the file says leaf'
# a role that nobody orders and nobody else has is most often a slip of the fingers
expect 0 inventory set leaf01 role zzz && said 'no other device has the role "zzz"'
expect 0 inventory set leaf01 role exit
grep -q 'no other device' "$TMP/err" && fail "the procedure orders exit"
expect 0 inventory list && has '^leaf01 .* exit +by hand'
expect 0 inventory import "$D/semicolon.csv" --platform cumulus-linux && has '^\+ device leaf05  192.168.200.15 cumulus-linux$'
expect 0 inventory import "$D/devices.csv" --platform cumulus-linux --replace
has '^- device leaf05' && has '^- link leaf04:swp52 -- spine02:swp4$' && has '^- device spine02'
shown '3 devices, 0 redundancy groups, 4 links'

# A mistake changes nothing and says where it is; so does a format that is not its own
before=$(cksum <"$S/inventory.json")
printf 'hostname,ip\nleaf01,192.168.200.11\nleaf 02,192.168.200.12\n' >"$TMP/bad.csv"
bad 'bad.csv:3: "leaf 02" is no name' inventory import "$TMP/bad.csv"
bad 'looks like none of' inventory import "$TMP/key"
bad 'expected what ansible-inventory --list prints' inventory import "$D/devices.csv" --format ansible
bad 'there is no format "yaml"; there are: hitless, ansible, netbox, dot, csv' \
	inventory import "$D/devices.csv" --format yaml
bad 'one of them' inventory import "$D/devices.csv" --merge --replace
bad 'no procedure knows the platform "eos"' inventory import "$D/devices.csv" --platform eos
head -c 300 "$D/ansible.json" >"$TMP/cut.json"
bad 'cut.json:' inventory import "$TMP/cut.json"
head -c 100 "$D/topology.dot" >"$TMP/cut.dot"
bad 'it cannot be read as a graph' inventory import "$TMP/cut.dot"
printf '\377\376\000' >"$TMP/noise"
bad 'noise is not UTF-8' inventory import "$TMP/noise"
printf 'hostname,ip,role\nleaf01,192.168.200.11,gr\374n\n' >"$TMP/latin1.csv"
bad 'latin1.csv is not UTF-8: convert it first (iconv' inventory import "$TMP/latin1.csv"
printf 'h\000o\000s\000t\000' >"$TMP/utf16.csv"
bad 'utf16.csv is not UTF-8' inventory import "$TMP/utf16.csv"
same mistakes

# Rules: the first that matches; a role of one's own wins; by hand wins over all
expect 0 inventory role-rule && [ "$(wc -l <"$TMP/out")" -eq 1 ] || fail "rules in a new inventory"
expect 0 inventory role-rule add 'leaf*' border && said 'no other device has the role "border"'
has '^\+ rule leaf\*'
expect 0 inventory list && has '^leaf02 .* leaf +file' && has '^leaf01 .* exit +by hand'
expect 0 inventory role-rule apply leaf02 && has '^~ device leaf02  role leaf -> border$'
expect 0 inventory list && has '^leaf02 .* border +rule leaf\*'
expect 0 inventory role-rule add '~^leaf\d2$' spine --at 1 && has '^~ device leaf02  role border -> spine$'
expect 0 inventory role-rule list && has '^1 +~\^leaf.d2\$ +spine +1 +1$' && has '^2 +leaf\* +border +2 +0$'
expect 0 --json inventory role-rule && shown '"match":"leaf*","role":"border","matches":2,"decides":0'
bad 'there is a rule for "leaf*" already' inventory role-rule add 'leaf*' leaf
bad 'cannot ask for one' inventory role-rule add '@leaf' leaf
bad 'expected list, add, del or apply' inventory role-rule move 1
bad 'wrong number of words' inventory role-rule add 'x*'
bad 'there is no rule "7"' inventory role-rule del 7
expect 0 inventory role-rule del 1 && has '^~ device leaf02  role spine -> border$'
expect 0 inventory import "$D/semicolon.csv" --platform cumulus-linux
expect 0 inventory list && has '^leaf05 .* border +rule leaf\*'
expect 0 inventory role-rule add 'none*' leaf && said 'no device matches'

# Contradictions in the file alone
expect 0 inventory set leaf02 serial MT2019X00001
expect 1 inventory check --offline
shown 'leaf02: it has the serial number MT2019X00001, and so has leaf01'
shown 'the procedure has no stage for its role "border"' && shown 'leaf05: it has no link'
shown 'the role rule "none*" matches no device'
expect 1 --json inventory check --offline && shown '"code":"serial-twice"' && shown '"errors":1'
expect 0 inventory check "$D/devices.csv" && shown '3 devices, 0 redundancy groups, 0 links'
expect 0 inventory set leaf02 serial -

# Out of service: out of the lists with groups and links, no import brings it back, undo does
write_inventory "$TMP/in.json"
before=$(cksum <"$S/inventory.json")
expect 2 inventory import "$TMP/in.json"
said '1 device that the file does not have would be removed: nothing was changed; --merge keeps it'
expect 2 --json inventory import "$TMP/in.json"
same "devices removed without a word"
expect 0 inventory import "$TMP/in.json" --yes && shown '2 redundancy groups, 8 links'
cp "$S/inventory.json" "$TMP/whole.json"
expect 0 inventory decommission leaf02 --reason 'RMA 4711'
said 'the redundancy group leaf01-02 is none any more' && said '2 links go with it'
expect 0 inventory list && not_shown leaf02
bad 'leaf02 was decommissioned (' plan --offline --to 4.2.0 --hosts leaf02
said 'RMA 4711' && said 'hitless inventory recommission leaf02'
bad 'leaf02 was decommissioned (' check --to 4.2.0 --hosts leaf01,leaf02
bad 'leaf02 was decommissioned (' inventory decommission leaf02
expect 0 inventory list --decommissioned && has '^leaf02 +192.0.2.12 .* RMA 4711$'
expect 0 --json inventory list --decommissioned && shown '"reason":"RMA 4711"'
bad 'name one device' inventory decommission 'leaf*'
expect 0 inventory decommission && has '^leaf02 +192.0.2.12 .* RMA 4711$'
expect 0 --json inventory decommission && shown '"reason":"RMA 4711"'
expect 0 inventory import "$TMP/in.json" && said 'leaf02 is left out: it was decommissioned'
expect 0 inventory recommission leaf02
expect 0 inventory list && has '^leaf02 .* leaf01-02'
expect 0 inventory import "$TMP/in.json" && shown 'nothing changes'
expect 0 inventory set leaf02 serial S2 && expect 0 inventory set leaf02 site ams1
expect 0 inventory import "$TMP/in.json" --merge && shown 'nothing changes'
expect 0 inventory list --json && shown '"serial":"S2"' && shown '"site":"ams1"'
bad 'no device "leaf02" was decommissioned' inventory recommission leaf02
finish
