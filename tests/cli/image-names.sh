#!/bin/sh
# SPDX-License-Identifier: ISC
# What is said of an image beside its content: its name for good, vendor, family, supported models.
. "${srcdir:-.}/tests/cli/lib.sh"

head -c 40000 /dev/urandom >"$TMP/jinstall-host-qfx-5e-x86-64-23.4R2-S3.4-secure-signed.tgz"
head -c 40000 /dev/urandom >"$TMP/download"
cp "$TMP/download" "$TMP/download2"
printf more >>"$TMP/download2"

# all of it, as the form of the original asks for it
expect 0 image add "$TMP/jinstall-host-qfx-5e-x86-64-23.4R2-S3.4-secure-signed.tgz" --name leafs
shown 'its name is leafs'
expect 0 --json image list && shown '"label":"leafs"' && shown '"vendor":"Juniper"'
shown '"fits":{"family":"qfx-5e"}' && shown '"version":"23.4R2-S3.4"'
expect 0 image add "$TMP/download" --procedure junos-hitless --kind os --version 22.4R3-S1.2 \
	--name spines --vendor Acme --family qfx-10-f --platforms 'qfx10008, QFX10016*'
expect 0 --json image list && shown '"vendor":"Acme"'
shown '"fits":{"family":"qfx-10-f","model":"qfx10008, QFX10016*"}'
expect 0 image list && shown VENDOR && shown leafs && shown 'family=qfx-10-f model=qfx10008, QFX10016*'

# a name is of one image, and stays
bad 'there is an image '\''leafs'\'' already' image add "$TMP/download2" --procedure junos-hitless \
	--kind os --version 22.4R1 --family qfx-5 --name leafs
bad 'cannot be an image'\''s name' image add "$TMP/download2" --procedure junos-hitless \
	--kind os --version 22.4R1 --family qfx-5 --name 'a=b'
expect 0 image add "$TMP/download" --procedure junos-hitless --kind os --version 22.4R3-S1.2 \
	--name other && shown 'was there already' && shown 'its name is spines'
mkdir "$TMP/again" && mv "$TMP/download2" "$TMP/again/download"
expect 0 image add "$TMP/again/download" --procedure junos-hitless --kind os --version 22.4R1 \
	--family qfx-5
expect 0 --json image list && shown '"label":"download"'
printf even >>"$TMP/again/download"
expect 0 image add "$TMP/again/download" --procedure junos-hitless --kind os --version 22.4R1 \
	--family qfx-5 && shown 'its name is download-2'

# all else can be changed
expect 0 image set spines --version 22.4R3-S2 --vendor Juniper --family qfx-10-m --platforms ''
expect 0 --json image list && shown '"version":"22.4R3-S2"' && not_shown Acme
shown '"fits":{"family":"qfx-10-m"}'
expect 0 --json image set spines --platforms qfx10002 && shown '"model":"qfx10002"'
bad 'say what to change' image set spines
bad 'is no version' image set spines --version 'x y'
bad 'there is no image nobody' image set nobody --version 1
bad 'unknown option --name' image set spines --name more
# but what the file itself says
installer "$TMP/what-is-this" 4.2.1 mlx-amd64
expect 0 image add "$TMP/what-is-this" --name cumulus
bad 'version is "4.2.1" as the image itself says' image set cumulus --version 4.3.0
bad 'asic is "Mellanox" as the image itself says' image set cumulus --fit asic=VX
bad 'does not ask which models' image set cumulus --platforms sn2100
bad 'does not ask which models' image add "$TMP/what-is-this" --platforms sn2100
expect 0 image set cumulus --vendor NVIDIA --version 4.2.1

# a name does where an id does
expect 0 image verify spines && shown 'good  spines' && not_shown leafs
expect 0 image del spines && expect 0 image list && not_shown spines
bad 'there is no image spines' image verify spines
finish
