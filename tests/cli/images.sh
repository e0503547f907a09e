#!/bin/sh
# SPDX-License-Identifier: ISC
# Images: what the file itself says, what its name says, and what is wrong with it; signatures.
. "${srcdir:-.}/tests/cli/lib.sh"

fresh() {
	rm -rf "$S"
}
added() { # WORDS in the list after `image add FILE`: added FILE TEXT...
	file=$1
	shift
	expect 0 image add "$file" || return
	expect 0 image list
	for text; do shown "$text"; done
}

# The file itself says what it is, whatever it is called
installer "$TMP/what-is-this" 4.2.1 mlx-amd64
bash "$TMP/what-is-this" >/dev/null || fail "the test's own installer is wrong"
added "$TMP/what-is-this" '4.2.1' 'asic=Mellanox cpu=x86_64'
fresh
installer "$TMP/download" 5.1.0 bcm-armel -z
added "$TMP/download" '5.1.0' 'asic=Broadcom cpu=ARM'

# Its name, and the options, may say the same, and nothing else
fresh
installer "$TMP/cumulus-linux-4.2.1-bcm-amd64.bin" 4.2.0 bcm-amd64
expect 2 image add "$TMP/cumulus-linux-4.2.1-bcm-amd64.bin"
said 'version is "4.2.1" by the file'\''s name, and "4.2.0" as the image itself says'
mv "$TMP/cumulus-linux-4.2.1-bcm-amd64.bin" "$TMP/cumulus-linux-4.2.0-vx-amd64.bin"
expect 2 image add "$TMP/cumulus-linux-4.2.0-vx-amd64.bin" && said 'asic is "VX" by the'
expect 2 image add "$TMP/cumulus-linux-4.2.0-vx-amd64.bin" --fit asic=VX && said 'as given'
expect 2 image add "$TMP/what-is-this" --version 4.2.0 && said 'leave the option out'
expect 2 image add "$TMP/what-is-this" --kind agent && said 'kind is "agent" as given'
# an architecture that nobody knows, or none: the name does not take its place
installer "$TMP/cumulus-linux-3.7.13-mlx-amd64.bin" 4.3.1 foo-arm64
expect 2 image add "$TMP/cumulus-linux-3.7.13-mlx-amd64.bin"
said 'version is "3.7.13" by the file'\''s name, and "4.3.1" as the image itself says'
mv "$TMP/cumulus-linux-3.7.13-mlx-amd64.bin" "$TMP/cumulus-linux-4.3.1-mlx-amd64.bin"
expect 2 image add "$TMP/cumulus-linux-4.3.1-mlx-amd64.bin"
said 'asic is "Mellanox" by the file'\''s name, and "foo" as the image itself says'
installer "$TMP/cumulus-linux-3.7.13-mlx-amd64.bin" 4.3.1 ''
expect 2 image add "$TMP/cumulus-linux-3.7.13-mlx-amd64.bin"
said 'version is "3.7.13" by the file'\''s name, and "4.3.1" as the image itself says'
expect 0 image list && not_shown Broadcom && not_shown Mellanox
# whoever knows better says so
expect 0 image add "$TMP/cumulus-linux-4.2.0-vx-amd64.bin" --fit asic=Broadcom
expect 0 image list && shown asic=Broadcom

# Damaged: nothing of it stays
fresh
good=$TMP/cumulus-linux-4.2.0-bcm-amd64.bin
installer "$good" 4.2.0 bcm-amd64
cp "$good" "$TMP/keep"
head -c 200000 "$TMP/keep" >"$good"
expect 1 image add "$good" && said 'is damaged or cut off: its payload (' && said 'fetch it again'
{ head -c 250000 "$TMP/keep"; printf X; tail -c +250002 "$TMP/keep"; } >"$good"
cmp -s "$good" "$TMP/keep" || { expect 1 image add "$good" && said 'bytes from byte '; }
head -c 100 "$TMP/keep" >"$good"
expect 1 image add "$good" && said 'the line "exit_marker"'
sed 's/^CL_INSTALLER_PAYLOAD_SHA256=.*/CL_INSTALLER_PAYLOAD_SHA256=""/' "$TMP/keep" >"$good"
expect 1 image add "$good" && said 'does not give the SHA-256'
{ printf '<html>404</html>'; cat "$TMP/keep"; } >"$good"
expect 1 image add "$good" && said 'it does not begin as one (byte 0)'
: >"$good"
expect 1 image add "$good" && said 'byte 0'
expect 0 image list
[ "$(wc -l <"$TMP/out")" -eq 1 ] || fail "something damaged is in the list"
[ -z "$(find "$S/images" -type f 2>/dev/null)" ] || fail "a refused copy was left"
expect 0 image add "$TMP/keep"
said_before=$(grep -c . "$TMP/out")
[ "$said_before" -ge 1 ] || fail "nothing was said"

# Stored files are hashed again; a changed one is named
expect 0 image verify && shown good
expect 0 --json image verify && shown '"good":true'
stored=$(find "$S/images" -type f)
chmod u+w "$stored" && printf X | dd of="$stored" bs=1 seek=1000 conv=notrunc 2>/dev/null
expect 1 image verify && shown BAD && shown 'is not what was added any more'
rm "$stored"
expect 1 image verify && shown 'is gone'
bad 'there is no image feed' image verify feed

# Packages: the control file of the archive in the archive
package() { # NAME VERSION ARCH COMPRESSION
	rm -rf "$TMP/deb"
	mkdir -p "$TMP/deb/DEBIAN" "$TMP/deb/usr/share/x"
	printf 'Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: x <x@example.org>\nDescription: x\n' \
		"$1" "$2" "$3" >"$TMP/deb/DEBIAN/control"
	head -c 100000 /dev/urandom >"$TMP/deb/usr/share/x/data"
	dpkg-deb -Z"$4" --build --root-owner-group "$TMP/deb" "$TMP/package" >/dev/null
}
if command -v dpkg-deb >/dev/null; then
	for pack in gzip xz zstd none; do
		fresh
		package netq-agent 4.0.0-cl4u32~1609391187.7df4e1d2 amd64 "$pack" || continue
		added "$TMP/package" agent 4.0.0 'train=cl4u cpu=x86_64'
	done
	package netq-apps 3.3.0-cl3u30~16.7df4 armel gzip
	added "$TMP/package" agent-cli 3.3.0 'train=cl3u cpu=ARM'
	cp "$TMP/package" "$TMP/netq-agent_3.3.0-cl3u30~16.7df4_armel.deb"
	bad 'kind is "agent" by the' image add "$TMP/netq-agent_3.3.0-cl3u30~16.7df4_armel.deb"
	package netq-agent 4.0.0-cl4u32~1609391187.7df4e1d2 amd64 xz
	head -c 50000 "$TMP/package" >"$TMP/cut"
	expect 1 image add "$TMP/cut" && said 'is damaged or cut off at byte'
	package other-thing 1.0 amd64 xz
	bad 'neither the file nor its name tells' image add "$TMP/package"
fi

# What cannot be looked into is taken only when somebody says so
fresh
head -c 5000 /dev/zero >"$TMP/zeros.bin"
bad 'neither the file nor its name tells' image add "$TMP/zeros.bin"
expect 1 image add "$TMP/zeros.bin" --kind os --version 4.3.0 && said 'does not begin as one'
expect 0 image add "$TMP/zeros.bin" --kind os --version 4.3.0 --unchecked
expect 0 image verify && shown good
expect 0 image list && said '1 file, 0 MiB'

# Without a terminal the options are named, with the values that are known
bad 'give --procedure P, --kind os|agent|agent-cli, --version VERSION, --fit asic=Mellanox|Broadcom|VX, --fit cpu=x86_64|ARM' \
	image add "$TMP/zeros.bin"
bad 'tells what it is; give --procedure P, --version VERSION, --fit train=cl4u' \
	image add "$TMP/zeros.bin" --kind agent --unchecked
bad 'tells what it is; give --version VERSION, --fit family=' image add "$TMP/zeros.bin" --kind os \
	--procedure junos-hitless
# In a terminal they are asked for, until they are right
fresh
if command -v script >/dev/null; then
	printf 'calico\nJUNOS-hitless\nos\nnone such\n22.4R3-S1.2\nqfx-5\n' |
		script -qefc "$PROG --state $S image add $TMP/zeros.bin" "$TMP/out" >/dev/null 2>&1 ||
		fail "asked for, it is not added: $(cat "$TMP/out")"
	shown 'Procedure that installs it (cumulus-linux, junos-hitless' && shown 'It is one of: cumulus-linux'
	shown 'Kind (os) [os]:' && shown '"none such" is no version' && shown 'Fits family (empty: any):'
	expect 0 --json image list && shown '"version":"22.4R3-S1.2"' && shown '"fits":{"family":"qfx-5"}'
	# who says all of it is asked nothing; a file that is none of its kind is asked about no further
	cp "$TMP/zeros.bin" "$TMP/more.bin" && printf x >>"$TMP/more.bin"
	script -qefc "$PROG --state $S image add $TMP/more.bin --procedure junos-hitless --kind os \
		--version 22.4R1 --family qfx-5" "$TMP/out" </dev/null >/dev/null 2>&1 || fail "asked"
	not_shown 'Fits family'
	printf 'cumulus-linux\nos\n' |
		script -qefc "$PROG --state $S image add $TMP/more.bin" "$TMP/out" >/dev/null 2>&1
	shown 'does not begin as one' && not_shown 'Version ('
fi

# Signatures (made by minisign with keys that are gone)
fresh
printf 'a small image of a test\n' >"$TMP/small.bin"
cat >"$TMP/vendor.pub" <<'KEY'
untrusted comment: minisign public key D3522FBA6D80EF88
RWSI74Btui9S0yZLossVOQi4WXp8cHacwu6fw66fTMW5mQ1T8fhZZCsL
KEY
cat >"$TMP/other.pub" <<'KEY'
untrusted comment: minisign public key BD9FE814809E3740
RWRAN56AFOifvRCSpWkXUqNTt9MuIzazTuxXqFkSrPbT6q0zc0Z8SORH
KEY
cat >"$TMP/good.sig" <<'SIGNATURE'
untrusted comment: signature from minisign secret key
RUSI74Btui9S08wD43dY0zaGCfm/WtdDk5D3L9PUt1ugHMSc5YlAuf36/ZpSccT5s5uBO4HVPQt3JS6HO3fCARYs9oqMSX2qHQY=
trusted comment: release of the test
EzeyI/HXx0vA/J+RQeWHMsGaQYLYRT66Os73l3OK9B8Y7LrM/tvMBzXcCTnUDFb1gjqhproU3okq3XPPtlTBDQ==
SIGNATURE
cat >"$TMP/other.sig" <<'SIGNATURE'
untrusted comment: signature from minisign secret key
RURAN56AFOifvVeiLv2TX4IjUyCDArhiNzJx1+g2j4NVEiN7390kLaXPV66pjPX7tClAWTu8Rn7U7rriPWy54wDX0AAt6TYRpw8=
trusted comment: other
bB/pQ0VZLoy2qS8fFFeGDQoPakHJ8X7wGkLd3wwSfor+ZfH5KYeCkNr6pQ8jxDimKxU+YqWP+0VINiWuGgsAAQ==
SIGNATURE
sign() { # STATUS WORDS...: add the small image
	want=$1
	shift
	expect "$want" image add "$TMP/small.bin" --kind os --version 4.3.0 --unchecked "$@"
}
sign 2 --signature "$TMP/good.sig" && said 'D3522FBA6D80EF88, which is not trusted here'
sign 0 --signature "$TMP/good.sig" --public-key "$TMP/vendor.pub" && shown 'the signature is good'
fresh
expect 0 image-key add vendor "$TMP/vendor.pub" && shown D3522FBA6D80EF88
expect 0 image-key list && shown vendor
expect 0 --json image-key list && shown '"id":"D3522FBA6D80EF88"'
bad 'is there already' image-key add vendor2 "$TMP/vendor.pub"
bad 'no public key' image-key add other "$TMP/good.sig"
sign 2 --signature "$TMP/other.sig" && said 'BD9FE814809E3740, which is not trusted here'
sed 's/release of/release 0f/' "$TMP/good.sig" >"$TMP/bent.sig"
sign 1 --signature "$TMP/bent.sig" && said 'is not one of this file'
sign 2 --signature "$TMP/vendor.pub" && said 'no signature of minisign'
sign 2 --signature "$TMP/none" && said 'there is no signature'
printf 'A small image of a test\n' >"$TMP/small.bin"
sign 1 --signature "$TMP/good.sig" && said 'is not one of this file'
printf 'a small image of a test\n' >"$TMP/small.bin"
# only signed ones: of a key that is trusted, wherever the signature is
expect 0 setting set image-signature 1
sign 2 && said 'only signed images are taken'
sign 2 --signature "$TMP/other.sig" --public-key "$TMP/other.pub" && said 'not trusted here'
cp "$TMP/other.sig" "$TMP/small.bin.minisig"
sign 2 && said 'not trusted here'
cp "$TMP/good.sig" "$TMP/small.bin.minisig"
sign 0 && shown 'the signature is good: vendor'
expect 0 --json image list && shown '"signer":"vendor"'
expect 0 image-key del vendor
bad 'there is no key' image-key del vendor
expect 0 setting set image-signature 0
# beside the file and not trusted: refused, whether other keys are trusted or none; without it the image is
# one that nobody has signed
fresh
cp "$TMP/other.sig" "$TMP/small.bin.minisig"
sign 2 && said "BD9FE814809E3740, which is not trusted here: 'hitless image-key add NAME FILE' trusts it"
expect 0 image-key add vendor "$TMP/vendor.pub"
sign 2 && said 'BD9FE814809E3740, which is not trusted here'
expect 0 --json image list && not_shown '"version"'
rm "$TMP/small.bin.minisig"
expect 0 image-key del vendor
sign 0 && not_shown 'signature is good'
# the same with minisign itself
if command -v minisign >/dev/null; then
	for key in own stranger; do
		minisign -G -W -f -p "$TMP/$key.pub" -s "$TMP/$key.sec" >/dev/null 2>&1 </dev/null ||
			fail "minisign makes no key"
	done
	fresh
	expect 0 image-key add own "$TMP/own.pub"
	minisign -S -s "$TMP/stranger.sec" -m "$TMP/small.bin" >/dev/null 2>&1 || fail "minisign signs nothing"
	sign 2 && said 'which is not trusted here'
	minisign -S -s "$TMP/own.sec" -m "$TMP/small.bin" >/dev/null 2>&1 || fail "minisign signs nothing"
	sign 0 && shown 'the signature is good: own'
	rm "$TMP/small.bin.minisig"
	fresh
	sign 0
fi
# signed afterwards
expect 0 image-key add vendor "$TMP/vendor.pub"
sign 0 --signature "$TMP/good.sig"
expect 0 image list && shown vendor

# Several at once: each is told, and the exit status is that of the worst
fresh
installer "$TMP/one.bin" 4.2.0 bcm-amd64
installer "$TMP/two.bin" 4.2.1 mlx-amd64
expect 0 image add "$TMP/one.bin" "$TMP/two.bin"
shown "$TMP/one.bin" && shown '4.2.0 (os)' && shown "$TMP/two.bin" && shown '4.2.1 (os)'
expect 0 image add "$TMP/two.bin" && not_shown "$TMP/two.bin"
fresh
expect 2 image add "$TMP/one.bin" "$TMP/none.bin" "$TMP/keep" "$TMP/two.bin"
shown '4.2.0 (os)' && shown '4.2.1 (os)' && said 'none.bin: No such file'
expect 2 --json image add "$TMP/one.bin" "$TMP/none.bin" "$TMP/two.bin"
[ "$(grep -c '"known":true' "$TMP/out")" -eq 2 ] || fail "not all are told"
shown '"error"'
head -c 100 "$TMP/one.bin" >"$good"
expect 1 image add "$good" "$TMP/two.bin" && shown 'was there already'
bad '--name is of one image' image add "$TMP/one.bin" "$TMP/two.bin" --name same
bad '--signature is of one image' image add "$TMP/one.bin" "$TMP/two.bin" --signature "$TMP/good.sig"
finish
