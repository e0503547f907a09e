#!/bin/bash
# SPDX-License-Identifier: ISC
# Two switches behind real OpenSSH servers are upgraded by hitless, in a batch each: an MLAG pair.
# Skipped (77) where sshd is not installed or no mount namespace can be made.
set -u

top=${top_srcdir:-.}
prog=${top_builddir:-.}/hitless
dir=$(mktemp -d)
. "$top/tests/real/personality.sh"

end() {
	local rc=$?
	personality_stop "$dir/fabric"
	if test $rc != 0 && test $rc != 77; then
		echo "--- state"
		h show real --device leaf01 2>&1 | tail -n 40
		h show real --device leaf02 2>&1 | tail -n 40
		tail -n 20 "$dir"/fabric/leaf0*/hardware.log
	fi
	rm -rf "$dir"
	exit $rc
}
trap end EXIT

h() { "$prog" --state "$dir/state" "$@"; }
fail() { echo "FAIL: $*"; exit 1; }

command -v sshd >/dev/null || test -x /usr/sbin/sshd || { echo "no sshd here"; exit 77; }
personality_start "$dir/fabric" 2
rc=$?
test $rc != 77 || { echo "no mount namespaces here"; exit 77; }
test $rc = 0 || fail "the switches do not start"

HITLESS_DATA_DIR=$(cd "$top/src" && pwd)
export HITLESS_DATA_DIR
h inventory import "$dir/fabric/inventory.json" || fail "inventory"
cp "$dir/fabric/known_hosts" "$dir/state/known_hosts"
h credential add default --user "$(cat "$dir/fabric/user")" --key "$dir/fabric/key" || fail "credential"
for image in "$dir"/fabric/images/*.bin; do h image add "$image" || fail "image $image"; done
h setting set clock-speed 4 || fail "setting" # shorter intervals between two looks

boot_before=$(cat "$dir"/fabric/leaf0*/root/proc/sys/kernel/random/boot_id "$dir"/fabric/leaf0*/boot_id 2>/dev/null)
h upgrade --name real --to 4.2.1 --set drain-settle=0 --yes >"$dir/upgrade.out" 2>&1
rc=$?
cat "$dir/upgrade.out"
test $rc = 0 || fail "upgrade: exit status $rc"

for sw in leaf01 leaf02; do
	grep -q '^DISTRIB_RELEASE=4.2.1$' "$dir/fabric/$sw/root/etc/lsb-release" ||
		fail "$sw does not run the new release"
	h show real --json | grep -q "\"$sw\"" || fail "$sw is not in the job"
done

# The pair was never away together: the second one began after the first was done.
h report real --format json >"$dir/report.json" || fail "report"
order=$(grep -E 'begins|done +in' "$dir/upgrade.out" | sed 's/^[0-9:]* *//' | awk '{print $1, $2}')
case $order in
*begins*done*begins*done*) ;;
*) fail "both MLAG peers were worked on at the same time: $order" ;;
esac
echo "two switches behind real sshd: upgraded, one after the other"
