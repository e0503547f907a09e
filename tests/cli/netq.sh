#!/bin/sh
# SPDX-License-Identifier: ISC
# What NetQ's life-cycle manager does or fails at, on simulated switches: files for discovery with one
# column, images that are missing before there is a default version, the columns of each element of a
# snapshot, a switch that comes back after it was decommissioned, a job that is done and says nothing else.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() {
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
expect 0 lab up --fabric small --dir "$L" --speed 100 --to 4.2.0 || finish
expect 0 inventory import "$L/inventory.json"
expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
expect 0 host-key scan --accept
expect 0 setting set clock-speed 100
port=$(grep -m1 '"port"' "$L/inventory.json" | tr -dc 0-9)
has() {
	grep -qE -- "$1" "$TMP/out" || { fail "no line like $1"; sed 's/^/    | /' "$TMP/out" >&2; }
}

# Missing images before there is a default version: those of the versions that run, for a way back
expect 3 check --name asked --to 4.2.0 --hosts leaf01 # no image at all
expect 1 image missing && has '^MISSING +os +4\.1\.1 +way back +asic=VX cpu=x86_64 +1 +leaf01$'
not_shown target
for image in "$L"/images/*; do
	expect 0 image add "$image"
done
expect 1 image missing && has '^there +os +4\.1\.1 +way back '
expect 0 image default 4.2.0
expect 1 image missing && has '^there +os +4\.2\.0 +target ' && has '^there +os +4\.1\.1 +way back '

# Files for discovery: one of the columns is enough (NetQ from 4.13); without a port it is 22
printf 'ip\n127.66.0.11\n' >"$TMP/ip.csv"
printf 'hostname\nlocalhost\n' >"$TMP/hostname.csv"
printf 'port,hostname,ip\n,leaf02,127.66.0.12\n' >"$TMP/empty.csv"
printf 'port\n22\n' >"$TMP/none.csv"
expect 0 inventory discover "$TMP/ip.csv" --port "$port" && has '^127.66.0.11 port '"$port"' +already known +leaf01 '
expect 0 inventory discover "$TMP/hostname.csv" --all && has '^localhost .* port 22'
expect 0 inventory discover "$TMP/empty.csv" --all && has '^127.66.0.12 .* leaf02 .* port 22'
bad 'none.csv' inventory discover "$TMP/none.csv"

# Each element with the columns that name its rows
columns() { # ELEMENT "NAME":"VALUE"...
	element=$1
	shift
	expect 0 snapshot show columns --hosts leaf01 --element "$element" --json
	tr -d '\n\t' <"$TMP/out" >"$TMP/flat" && mv "$TMP/flat" "$TMP/out"
	for pair; do
		shown "$pair"
	done
}
expect 0 snapshot take --name columns --hosts leaf01 --apart 0 --looks 1 && shown '0 missing'
columns BGP '"vrf":"default"' '"session":"swp51"' '"asn":"'
columns MLAG '"sysmac":"44:38:39:ff:40:02"'
columns 'MLAG Bonds' '"bond":"bond1"' '"clag_id":"1"'
columns Interface '"interface":"swp51"'
columns 'IP Address' '"prefix":"10.10.' '"mask":"32"' '"interface":"lo"'
columns Links '"interface":"peerlink"' '"kind":"bond"' '"kind":"swp"'
columns LLDP '"interface":"swp51"' '"neighbor":"spine01"'
columns 'MAC Address' '"mac":"00:50:56:' '"vlan":"10"'
columns Neighbor '"vrf":"default"' '"interface":"swp51"' '"address":"169.254.0.1"'
columns Node '"hostname":"leaf01"'
columns OSPF
columns Route '"vrf":"default"' '"prefix":"10.10.'
columns Sensors '"kind":"PSU"' '"kind":"Fan"' '"kind":"Temp"' '"sensor":"PSU1"'
columns Services '"service":"ntp"' '"vrf":"mgmt"'

# A switch that was taken out and comes back is asked anew: it is not called rotten (bug 3863195)
expect 0 inventory decommission leaf02 --reason 'moved'
expect 0 inventory discover 127.66.0.12 --port "$port" && shown '1 decommissioned'
expect 0 inventory recommission leaf02
expect 0 inventory discover 127.66.0.12 --port "$port" && shown '1 already known'
expect 0 check --name back --to 4.2.0 --hosts leaf02 && not_shown rotten

# A job that is done ends with 0 and has no error to tell (bug 3644644)
expect 0 lcm upgrade cl-image job-name quiet cl-version 4.2.0 netq-version 3.3.1 hostnames leaf02 --yes
grep -iE 'error|token|invalid' "$TMP/err" && fail "a job that is done tells of an error"
expect 0 lcm show upgrade-jobs cl-image json && shown '"pre-checkStatus":"COMPLETED"'
expect 0 jobs --only done --names && shown quiet
finish
