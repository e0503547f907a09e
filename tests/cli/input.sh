#!/bin/sh
# SPDX-License-Identifier: ISC
# Bad input: one line that says where and what, status 2, and nothing is changed.
. "${srcdir:-.}/tests/cli/lib.sh"

write_inventory "$TMP/good.json"
expect 0 inventory import "$TMP/good.json"
before=$(cksum <"$S/inventory.json")

# broken NAME TEXT SED: an inventory that was changed by sed is refused, with file and place
broken() {
	sed "$2" "$TMP/good.json" >"$TMP/bad.json"
	cmp -s "$TMP/good.json" "$TMP/bad.json" && fail "the row \"$1\" changes nothing"
	bad "$1" inventory import "$TMP/bad.json"
	said "bad.json"
	bad "$1" inventory check "$TMP/bad.json"
}
broken 'bad.json:1:12: found "1", expected a colon' 's/"format": 1,/"format" 1,/'
broken 'format' 's/"format": 1/"format": 2/'
broken 'rolle' 's/"role": "spine"/"rolle": "spine"/'
broken 'spine01' 's/"spine02", "address"/"spine01", "address"/'
broken '192.0.2.21' 's/192.0.2.22/192.0.2.21/'
broken 'members' 's/\["leaf01", "leaf02"\]/["leaf01", "leaf09"]/'
broken 'devices[0].name' 's/"name": "spine01"/"name": "spine01; reboot"/'
broken 'devices[0].name' 's/"name": "spine01"/"name": "$(reboot)"/'
broken 'devices[0].name' 's/"name": "spine01"/"name": "-oProxyCommand"/'
broken 'devices[0].name' 's/"name": "spine01"/"name": "a\\u001b[2Jb"/'
broken 'devices[0].address' 's/192.0.2.21/192.0.2.21 -l root/'
broken 'devices[0].address' 's/192.0.2.21/`id`/'
broken 'devices[0].role' 's/"role": "spine"/"role": "sp;ine"/'
broken 'devices[0].platform: no procedure knows the platform "cumulus-linx" of spine01; known are: calico-openstack, cumulus-linux, junos, junos-srx, microcloud' \
	'1,/platform/s/"platform": "cumulus-linux"/"platform": "cumulus-linx"/'
broken '"spine02" has the address 2001:0db8:0::1 port 22 of "spine01" (2001:db8::1)' \
	's/192.0.2.21/2001:db8::1/;s/192.0.2.22/2001:0db8:0::1/'
broken '"spine02" has the address ::ffff:192.0.2.21' 's/192.0.2.22/::ffff:192.0.2.21/'
echo '{"format": 1, "devices": []}' >"$TMP/bad.json"
bad 'there is no device in it' inventory import "$TMP/bad.json"
bad 'no procedure knows' inventory set leaf01 platform cumulus
bad 'spine01 has it already' inventory set leaf01 address ::ffff:192.0.2.21
[ "$before" = "$(cksum <"$S/inventory.json")" ] || fail "the inventory was changed"

# A credential that is not there: a warning at first, an error before a device is asked
expect 0 inventory check --offline && said 'warning: spine01 logs in with the credential "default"'
[ "$(wc -l <"$TMP/err")" -eq 1 ] || fail "more than one warning for one credential"
ssh-keygen -q -t ed25519 -N '' -f "$TMP/key"
expect 0 credential add default --user admin --key "$TMP/key"
sed 's/"name": "leaf02",/"name": "leaf02", "credential": "lab",/' "$TMP/good.json" >"$TMP/lab.json"
expect 0 inventory import "$TMP/lab.json"
said 'warning: leaf02 logs in with the credential "lab", which is not there yet'
bad 'leaf02 logs in with the credential "lab", which is not there' check --to 4.2.0 --hosts 'leaf*'
bad 'hitless credential add lab' upgrade --name x --to 4.2.0 --yes
expect 0 jobs
[ "$(wc -l <"$TMP/out")" -eq 1 ] || fail "a job was made"
expect 0 inventory import "$TMP/good.json"
[ -s "$TMP/err" ] && fail "a warning about nothing"
bad 'No such file' inventory import "$TMP/none.json"

plan() {
	text=$1
	shift
	bad "$text" plan --offline "$@"
}
plan 'leaf09' --to 4.2.0 --hosts leaf09
plan 'no version' --to '4.2.0; reboot'
plan 'no version' --to latest
plan '--to VERSION (or --image IMAGE) is missing' --name x
plan 'printable' --to 4.2.0 --name "$(printf 'a\033[2J')"
plan 'printable' --to 4.2.0 --name "$(printf 'a\342\200\256b')"
plan 'did you mean "snapshots"' --to 4.2.0 --set snapshot=yes
plan 'NAME=VALUE' --to 4.2.0 --set snapshots
plan 'snapshots' --to 4.2.0 --set snapshots=perhaps
plan 'backup-extra' --to 4.2.0 --set 'backup-extra=/etc; rm -rf /'
plan 'did you mean "reboot"' --to 4.2.0 --timeout rebot=60
plan 'seconds' --to 4.2.0 --timeout reboot=soon
plan 'there is no method' --to 4.2.0 --method magic
plan 'there is no role' --to 4.2.0 --order spin
plan 'has the role' --to 4.2.0 --role core
plan '--batch-size' --to 4.2.0 --batch-size none
plan '--window' --to 4.2.0 --window 1-4
plan '--window' --to 4.2.0 --window 01:00-25:00
# one that is over is said to be over, before any device is asked
plan 'window 2020-01-01 01:00-05:00: this window is over, it ended at 2020-01-01 05:00' --to 4.2.0 \
	--window '2020-01-01 01:00-05:00'
plan 'it ended at 2020-02-02 06:00' --to 4.2.0 --window '2020-02-02 04:00-06:00, 2020-01-01 01:00-05:00'
plan '--on-failure' --to 4.2.0 --on-failure panic
plan 'there is no image' --to 4.2.0 --image 00ff
plan 'there is no procedure' --to 4.2.0 --procedure no-such
plan '--format' --to 4.2.0 --format pdf
echo '{"stages": 1}' >"$TMP/plan.json"
plan 'plan.json: member "format" is missing' --to 4.2.0 --plan "$TMP/plan.json"
plan 'plan.json' --plan "$TMP/plan.json" --batch-size none
bad 'plan.json' upgrade --plan "$TMP/plan.json"
echo '{"format": 1, "type": "report"}' >"$TMP/plan.json"
plan 'this is no plan' --plan "$TMP/plan.json"
plan 'No such file' --plan "$TMP/noplan.json"
plan 'add --on-failure continue' --to 4.2.0 --failure-budget 1
plan 'add --on-failure continue' --to 4.2.0 --failure-budget 1 --on-failure stop
for budget in 0 0% 101% 5%% % -1 100001 '5 %' '' x; do
	plan '(none accepted: on-failure hold; any number: leave it out)' --to 4.2.0 \
		--on-failure continue --failure-budget "$budget"
done

bad '--name NAME is missing' upgrade --to 4.2.0 --yes
bad 'give --yes' upgrade --name t1 --to 4.2.0
bad 'there is no job' show t1
bad 'there is no job' attach t1
bad 'there is no job' retry t1 leaf01
bad '--reason' waive t1 space
[ "$before" = "$(cksum <"$S/inventory.json")" ] || fail "the inventory was changed"

# Procedures
expect 0 procedure check "$HITLESS_DATA_DIR/procedures/cumulus-linux.json"
sed 's/"format": 1/"format": 1, "colour": "red"/' \
    "$HITLESS_DATA_DIR/procedures/cumulus-linux.json" >"$TMP/procedure.json"
bad 'colour' procedure check "$TMP/procedure.json"
said procedure.json
echo '{' >"$TMP/procedure.json"
bad 'procedure.json' procedure check "$TMP/procedure.json"

# Themes: refused with file and line; shaped SAID LINES... makes one that is refused
expect 0 theme check safe
expect 0 theme check "$srcdir/themes/light.theme"
shaped() {
	text=$1
	shift
	printf '%s\n' "$@" >"$TMP/my.theme"
	bad "$TMP/my.theme:$text" theme check "$TMP/my.theme"
}
shaped '2: unknown role "stat.failed" (did you mean "state.failed"?)' '[roles]' 'stat.failed = red'
shaped '3: role "text" again' '[roles]' 'text = red' 'text = blue'
shaped '1: unknown section "[colours]"' '[colours]'
shaped '2: unknown colour "rde" (did you mean "red"?)' '[roles]' 'text = rde'
shaped '2: bad colour "256"' '[palette]' 'a = 256'
shaped '2: bad colour "#12345"' '[palette]' 'a = #12345'
shaped "3: no '='" '' '[roles]' 'text red'
shaped '1: control character 0x1b' "$(printf '# \033[2J')"
shaped '1: a line of 300 bytes' "$(printf '%0300d' 0)"
shaped '2: there is no theme "drak" (did you mean "dark"' '# x' 'inherit = drak'
bad 'did you mean "serial"' theme check serail
bad 'no name of a theme' theme check 'a b'
bad 'No such file' theme check "$TMP/none.theme"
bad 'is not a regular file' theme check "$TMP/"

# A state directory that cannot be written or is none
: >"$TMP/file"
S=$TMP/file bad "$TMP/file" jobs
if [ "$(id -u)" -ne 0 ]; then
	mkdir "$TMP/readonly"
	chmod 500 "$TMP/readonly"
	S=$TMP/readonly bad 'readonly' jobs
fi
bad 'there is no setting' setting set job-limi 3
bad 'job-limit' setting set job-limit many
finish
