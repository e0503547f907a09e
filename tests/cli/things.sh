#!/bin/sh
# SPDX-License-Identifier: ISC
# Inventory, images, credentials, procedures, settings, plans without devices.
. "${srcdir:-.}/tests/cli/lib.sh"

write_inventory "$TMP/in.json"
expect 0 inventory import "$TMP/in.json" && shown '6 devices, 2 redundancy groups, 8 links'
expect 0 inventory set 'leaf0[12]' site ams1
expect 0 inventory list && shown ams1
expect 0 inventory set leaf01 site -
expect 0 --json inventory list && shown '"name":"leaf01"'
[ "$(grep -o ams1 "$TMP/out" | wc -l)" -eq 1 ] || fail "the site was not cleared"
bad 'colour' inventory set leaf01 colour red
bad 'leaf09' inventory set leaf09 role leaf

# Images: what is in them is looked at in images.sh
head -c 100000 /dev/zero >"$TMP/cumulus-linux-4.2.0-vx-amd64.bin"
head -c 100001 /dev/zero >"$TMP/strange.bin"
expect 0 image add "$TMP/cumulus-linux-4.2.0-vx-amd64.bin" --unchecked && shown '4.2.0 (os)'
expect 0 image add "$TMP/cumulus-linux-4.2.0-vx-amd64.bin" --unchecked && shown 'was there already'
bad 'neither the file nor its name' image add "$TMP/strange.bin"
expect 0 image add "$TMP/strange.bin" --kind os --version 4.3.0 --fit asic=VX --fit cpu=x86_64 \
	--unchecked
bad 'no images of kind' image add "$TMP/strange.bin" --kind firmware --version 4.3.0
bad 'No such file' image add "$TMP/cumulus-linux-4.2.1-vx-amd64.bin"
expect 0 image list && shown 'asic=VX cpu=x86_64'
expect 0 --json image list && shown '"version":"4.3.0"'
id=$("$PROG" --state "$S" image list | sed -n 's/^\([0-9a-f]*\) .*4\.3\.0.*/\1/p')
expect 0 image del "$id"
bad 'there is no image' image del "$id"
expect 0 image default && shown 'no default version'
bad 'no version' image default 'x y'
expect 0 image default 4.2.0
expect 0 image default && shown 4.2.0
bad 'there is no image of version "4.4.0" for cumulus-linux; there are: 4.2.0' image default 4.4.0
expect 0 image default && shown 4.2.0
expect 1 image missing --to 4.2.0
said '6 devices were never asked'
said 'spine01, spine02, leaf01, leaf02, leaf03, leaf04'
expect 1 --json image missing --to 4.2.0
shown '"never_asked":["spine01","spine02","leaf01","leaf02","leaf03","leaf04"]'
bad 'cannot read /nonexistent: No such file' image add /nonexistent
bad 'is no file (a directory)' image add "$TMP"

# Credentials: nothing that is secret can be given, and nothing is shown
ssh-keygen -q -t ed25519 -N '' -f "$TMP/key"
expect 0 credential add default --user admin --key "$TMP/key"
expect 0 credential add vault --user admin --command /usr/bin/pass show s3cr3t-word
expect 0 credential list && shown vault && not_shown s3cr3t-word
expect 0 --json credential list && not_shown s3cr3t-word
bad 'already' credential add default --user admin --agent
bad 'give one of' credential add other --user admin
bad 'give one of' credential add other --user admin --agent --password
bad '--user' credential add other --agent
bad 'user' credential add other --user '$(id)' --agent
bad 'name' credential add '../x' --user admin --agent
bad '/etc/passwd of credential other is not a private key' credential add other --user admin --key /etc/passwd
bad 'is not a private key' credential add other --user admin --key "$TMP/key.pub"
ssh-keygen -q -t ed25519 -N 'some words' -f "$TMP/locked"
expect 0 credential add locked --user admin --key "$TMP/locked"
expect 0 credential del locked
bad 'no key file' credential add other --user admin --key "$TMP/nokey"
expect 0 credential del vault
bad 'there is no credential' credential del vault
bad '--on DEVICE' credential test default

# Procedures and settings
expect 0 procedure list && shown cumulus-linux
expect 0 procedure show cumulus-linux && shown snapshots && shown edge-first
expect 0 --json procedure show cumulus-linux && shown '"id":"cumulus-linux"'
bad 'did you mean "cumulus-linux"' procedure show cumulus-linx
expect 0 setting set job-limit 7
expect 0 setting list && shown 7

# Themes: the user's before the shipped ones; one that is broken is listed and said
mine=$XDG_CONFIG_HOME/hitless/themes
expect 0 theme list
for theme in contrast dark light mono safe serial; do
	grep -q "^$theme  *shipped " "$TMP/out" || fail "theme $theme is not listed"
	expect 0 theme check "$theme" && shown "$theme: "
	"$PROG" theme list >"$TMP/out"
done
mkdir -p "$mine"
printf 'inherit = dark\n[palette]\naccent = 5\n' >"$mine/dark.theme"
printf 'inherit = dark\n' >"$mine/night.theme"
: >"$mine/.hidden.theme"
: >"$mine/notes.txt"
expect 0 theme list
grep -q "^dark  *your own  *$mine/dark.theme" "$TMP/out" || fail "an own theme is not first"
[ "$(wc -l <"$TMP/out")" -eq 8 ] || fail "$(wc -l <"$TMP/out") lines of themes"
expect 0 theme check night
expect 0 --json theme list && shown '"name":"night"' && shown '"own":true'
printf '[roles]\nfoot = red\n' >"$mine/night.theme"
expect 2 theme list && said 'night.theme:2: unknown role "foot"'
grep -q '^night  *broken ' "$TMP/out" || fail "a broken theme is not listed as that"
expect 2 --json theme list && shown '"error":"'
printf 'inherit = dark\n' >"$mine/night.theme"
printf 'inherit = night\n' >"$mine/dark.theme"
bad 'inherits itself' theme check dark
printf 'inherit = lost\n' >"$mine/lost.theme"
bad 'lost.theme:1: there is no theme "lost"; ' theme check lost
# A data directory of one's own may have themes
mkdir -p "$TMP/data/themes"
printf '[roles]\ntext = green\n' >"$TMP/data/themes/only.theme"
ours=$HITLESS_DATA_DIR
HITLESS_DATA_DIR=$TMP/data
expect 0 theme check only
bad 'there is no theme "mono"' theme check mono
HITLESS_DATA_DIR=$ours

# Plans from the inventory alone
expect 0 plan --offline --to 4.2.0 && shown 'redundancy groups apart'
expect 0 plan --offline --format dot && shown 'digraph'
expect 0 plan --offline --to 4.2.0 --format json --plan-out "$TMP/plan.json" && shown '"stages"'
expect 0 plan --offline --to 4.2.0 --plan "$TMP/plan.json"

# A plan file says what is to be done; options beside it say the same or are refused
expect 0 plan --offline --to 4.2.0 --name kept --hosts 'leaf*' --batch-size 1 --canary \
	--set snapshots=no --timeout reboot=77 --window 22:00-05:00 --on-failure continue \
	--failure-budget 2 --plan-out "$TMP/kept.json"
expect 0 --json plan --offline --plan "$TMP/kept.json" --plan-out "$TMP/again.json"
cmp -s "$TMP/kept.json" "$TMP/again.json" || fail "another plan came out than went in"
grep -q '"snapshots":	"no"' "$TMP/kept.json" || fail "the parameters are not in the plan"
same() { expect 0 plan --offline --plan "$TMP/kept.json" "$@"; }
same --to 4.2.0 --name kept --hosts leaf01,leaf02,leaf03,leaf04 --batch-size 1 --canary
same --set snapshots=no --timeout reboot=77 --window 22:00-05:00 --on-failure continue
same --failure-budget 2 --procedure cumulus-linux --role leaf
other() { # GIVEN PLANNED WORDS...
	given=$1 planned=$2
	shift 2
	bad "\"$given\", the plan" plan --offline --plan "$TMP/kept.json" "$@" || return
	said "kept.json says \"$planned\""
}
other 4.3.0 4.2.0 --to 4.3.0
other new kept --name new
other leaf01,leaf02 leaf01,leaf02,leaf03,leaf04 --hosts leaf01,leaf02
other package image --method package
other 3 1 --batch-size 3
other yes no --set snapshots=yes
other 78 77 --timeout reboot=78
other 23:00-05:00 22:00-05:00 --window 23:00-05:00
other 3 2 --failure-budget 3
other 10% 2 --failure-budget 10%
expect 0 plan --offline --to 4.2.0 --name share --on-failure continue --failure-budget 10% \
	--plan-out "$TMP/share.json"
grep -q '"failure_budget":	"10%"' "$TMP/share.json" || fail "no share in the plan"
expect 0 --json plan --offline --plan "$TMP/share.json" --failure-budget 10% --plan-out "$TMP/again.json"
cmp -s "$TMP/share.json" "$TMP/again.json" || fail "another share came out than went in"
sed 's/"10%"/"110%"/' "$TMP/share.json" >"$TMP/bent.json"
bad 'failure_budget: expected 1 or more devices' plan --offline --plan "$TMP/bent.json"
expect 0 inventory set leaf01 site ams2
expect 0 plan --offline --plan "$TMP/kept.json"
expect 0 inventory set leaf01 address 192.0.2.99
bad 'the inventory has changed' plan --offline --plan "$TMP/kept.json"
expect 0 inventory set leaf01 address 192.0.2.11
expect 0 inventory set leaf01 site -
sed 's/"version":	"4.2.0"/"version":	"4.3.0"/' "$TMP/kept.json" >"$TMP/bent.json"
bad 'is planned to go to "4.2.0"' plan --offline --plan "$TMP/bent.json"
expect 0 plan --offline --to 4.2.0 --order edge-first && shown 'leaf -> spine'
expect 0 plan --offline --to 4.2.0 --order spine,leaf && shown 'spine -> leaf'
expect 0 plan --offline --to 4.2.0 --hosts 'leaf*' --batch-size 1 --canary && shown 'leaf01'
expect 0 jobs
[ "$(wc -l <"$TMP/out")" -eq 1 ] || fail "an offline plan made a job"
expect 0 --json jobs && shown '"jobs":[]'
finish
