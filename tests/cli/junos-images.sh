#!/bin/sh
# SPDX-License-Identifier: ISC
# Several images in one job, each on its devices; what does not fit is refused before a device is
# asked for more than what it is.
. "${srcdir:-.}/tests/cli/lib.sh"

lab_up junos-clos --to 23.4R2-S3.9 --to 22.4R3-S2.7 || finish
i=$L/images/jinstall-host-qfx-5e-x86-64
expect 0 image add $i-23.4R2-S3.9-secure-signed.tgz --name leafs --platforms 'qfx5120-48y*, qfx5110*'
expect 0 image add $i-22.4R3-S2.7-secure-signed.tgz --name spines

# nobody has asked the devices yet, and both may fit
bad 'both fit spine1, as far as it is known: say which one it gets (--image leafs=spine1)' \
	check --image leafs --image spines --name early
bad 'there is no image nobody' check --image nobody=leaf1 --name early
bad 'is to get two images, leafs and spines' check --image 'leafs=leaf*' --image spines=leaf1 --name early
bad 'image spines is version 22.4R3-S2.7, not 23.4R2-S3.9' \
	check --image spines --to 23.4R2-S3.9 --hosts spine1 --name early
bad '--to VERSION (or --image IMAGE) is missing' \
	check --image leafs=leaf1 --hosts leaf1,spine1 --name early
# devices without an image of their own go where --to says
expect 3 check --image leafs=leaf1 --to 20.4R3-S9 --hosts leaf1,spine1 --name mixed
shown 'it is older' && not_shown 'leaf1 cannot go'

# they were asked now: what cannot fit is refused at once
expect 0 image set spines --platforms qfx10002
bad 'image spines does not fit spine1: it is for model qfx10002, not qfx5120-48y-8c' \
	check --image spines=spine1 --name refused
bad 'no image fits spine1: spines: it is for model qfx10002, not qfx5120-48y-8c' \
	check --image spines --hosts spine1 --name refused
expect 0 --json jobs && not_shown '"name":"refused"'
# by what they said, each gets the one that fits
expect 0 image set leafs --platforms qfx10002
expect 0 image set spines --platforms 'QFX5120*'
expect 0 --json check --image leafs --image spines --hosts spine1 --name fits
expect 0 --json show fits && shown '"version":"22.4R3-S2.7"' && not_shown 23.4R2
expect 0 image set leafs --platforms ''

# a spin that was not typed is that of the only image; with two of them nobody can say
expect 0 check --to 23.4R2-S3 --hosts leaf1 --name spin
expect 0 --json show spin && shown '"version":"23.4R2-S3.9"'
head -c 40000 /dev/urandom >"$TMP/jinstall-host-qfx-5e-x86-64-23.4R2-S3.8-secure-signed.tgz"
expect 0 image add "$TMP/jinstall-host-qfx-5e-x86-64-23.4R2-S3.8-secure-signed.tgz" --name older
expect 3 check --to 23.4R2-S3 --hosts leaf1 --name spins
shown 'There is no image 23.4R2-S3 for qfx-5e (qfx5120-48y-8c)'
expect 0 image del older

# the devices are those that the images name
expect 0 --json plan --image 'leafs=leaf1,leaf3' --image spines=spine1 --name both
cp "$TMP/out" "$TMP/plan.json"
shown '"targets"' && shown '"hitless":	true'
expect 0 plan --image 'leafs=leaf1,leaf3' --image spines=spine1 --name both
shown '3 devices to 22.4R3-S2.7, 23.4R2-S3.9' && shown 'Hitless   yes'
shown 'leaf1  21.4R3-S5.4 -> 23.4R2-S3.9' && shown 'spine1  21.4R3-S5.4 -> 22.4R3-S2.7'
bad 'leave the option away' upgrade --plan "$TMP/plan.json" --image leafs=leaf1 --yes
expect 0 upgrade --plan "$TMP/plan.json" --yes
expect 0 inventory list
grep -q '^leaf1 .*23.4R2-S3.9' "$TMP/out" || fail 'leaf1 is not on 23.4R2-S3.9'
grep -q '^spine1 .*22.4R3-S2.7' "$TMP/out" || fail 'spine1 is not on 22.4R3-S2.7'
expect 0 jobs && shown '22.4R3-S2.7, 23.4R2-S3.9'
expect 0 history --to 23.4R2-S3.9 && shown leaf3
# the second time all are left alone, and it is said why
expect 0 plan --image 'leafs=leaf1,leaf3' --image spines=spine1 --name again
shown 'left alone' && shown 'Left out'
finish
