#!/bin/sh
# SPDX-License-Identifier: ISC
# The other tool's spellings.
. "${srcdir:-.}/tests/cli/lib.sh"

write_inventory "$TMP/in.json"
expect 0 inventory import "$TMP/in.json"
installer "$TMP/cumulus-linux-3.7.12-vx-amd64.bin" 3.7.12 vx-amd64
expect 0 lcm add image "$TMP/cumulus-linux-3.7.12-vx-amd64.bin"
expect 0 lcm show images && shown 'CL Version' && shown 3.7.12 && shown x86_64
expect 0 lcm show cl-images json && shown '"clVersion":"3.7.12"'
id=$(sed -n 's/.*"id":"\(image_[0-9a-f]*\)".*/\1/p' "$TMP/out")
expect 0 lcm show cl-images "$id" && shown 3.7.12
expect 0 lcm add default-version cl-images 3.7.12
expect 0 lcm show default-version cl-images && shown 3.7.12
expect 0 lcm add role exit switches leaf03,leaf04
expect 0 inventory list && shown exit
expect 0 lcm show switches && shown Hostname && shown leaf03
touch "$TMP/key"
expect 0 lcm add credentials username admin ssh-key "$TMP/key"
expect 0 lcm show credentials && shown admin
expect 2 lcm add credentials username admin password hunter2
not_shown hunter2
expect 0 lcm show upgrade-jobs && shown 'Pre-Check Status'
expect 2 lcm show status nojob && said 'there is no job'

# A name that nobody knows: the row of the pre-check table, from every verb that makes a job
sed 's/"192\.0\.2\.\([0-9]*\)"/"127.0.0.1", "port": \1/' "$TMP/in.json" >"$TMP/near.json"
expect 0 inventory import "$TMP/near.json"
expect 3 lcm upgrade name upgrade-3712 cl-version 3.7.12 hostnames spine01,spine09
shown 'Switch is not in inventory: spine09'
expect 3 check --name c1 --to 3.7.12 --hosts spine01,spine09,spine08,spine09
shown 'ERROR                   Switch is not in inventory: spine09, spine08'
shown '-> Verify that the host name is the right one'
expect 3 upgrade --name u1 --to 3.7.12 --hosts spine01,spine09 --yes
shown 'Switch is not in inventory: spine09'
bad 'did you mean "spine0' check --name c2 --to 3.7.12 --hosts spine09
bad 'no device is called "spine09"' plan --offline --to 3.7.12 --hosts spine01,spine09
bad 'no device is called "core*"' check --name c2 --to 3.7.12 --hosts 'spine01,core*'
expect 0 plan --offline --name p1 --to 3.7.12 --hosts 'spine*' --plan-out "$TMP/p1.json"
sed 's/spine02/spine20/' "$TMP/near.json" >"$TMP/other.json"
expect 0 inventory import "$TMP/other.json"
expect 3 check --plan "$TMP/p1.json"
shown 'Switch is not in inventory: spine02'
bad 'no device is called "spine02"' plan --offline --plan "$TMP/p1.json"
expect 2 lcm upgrade name upgrade-3712 cl-version 3.7.12
expect 2 lcm upgrade name upgrade-3712 cl-versio 3.7.12 hostnames spine01 && said 'did you mean'
bad 'there is no phrase that begins with "sing"' lcm sing

# What is done otherwise here: the verb is named
bad 'hitless inventory discover RANGE|CSV --credential NAME' lcm discover ip-range 192.0.2.1,192.0.2.50 profile_id p1
bad 'hitless inventory set DEVICES credential NAME' lcm attach credentials profile_id p1 hostnames leaf01
bad 'hitless inventory set DEVICES credential -' lcm detach credentials hostname leaf01
bad 'hitless credential del NAME' lcm edit credentials profile_id p1 username x
for verb in add del show; do
	bad 'no profiles of the agent' lcm $verb netq-config config-profile-name x
done
bad '--set agent-version=VERSION' lcm upgrade netq-image job-name j netq-version 3.3.1 hostnames leaf01
bad '--set agent-version=VERSION' lcm install netq-image job-name j netq-version 3.3.1
bad '--set agent-version=VERSION' lcm add default-version netq-images 3.3.1
bad 'hitless show JOB' lcm show status netq-image j
bad 'hitless jobs' lcm show upgrade-jobs netq-image
bad 'ZTP' lcm show ztp-scripts
expect 0 lcm del image "$id"
expect 0 lcm --help && shown 'run-restore-on-failure'
finish
