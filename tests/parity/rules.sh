#!/bin/sh
# SPDX-License-Identifier: ISC
# Rules of the table that are data of the shipped procedure: what the backup holds (what another tool
# forgot to restore), and how configurations of NVUE are put back.
set -u
file=${srcdir:-.}/src/procedures/cumulus-linux.json
failed=0

# in STEP TEXT WHY: the step of this name holds the text
in_step() {
	sed -n "/^    \"$1\": {/,/^    },\{0,1\}\$/p" "$file" | grep -qF -- "$2" && return
	echo "FAILED: $1 lacks $2: $3" >&2
	failed=1
}
for path in etc/tacplus_servers etc/tacplus_nss.conf; do
	in_step backup-files " $path " "bug 3738840: TACACS was not restored"
done
in_step backup-files ' etc/nslcd.conf ' "bug 3781503: LDAP was not restored"
in_step backup-files ' etc/cumulus/switchd.d ' "bug 3773879: switchd.d was not restored"
in_step backup-accounts 'etc/passwd etc/shadow' "bug 4001098: the password was reset"
in_step apply-nvue 'nv config apply' "NVUE overwrites flat files"
in_step apply-nvue '"value": "nvue", "is": "yes"' "only where NVUE has the configuration"
# after the files: what NVUE manages is as NVUE has it
order=$(sed -n '/^    "restore": \[/,/^    \]/p' "$file" | tr -d ' \n')
case $order in *'"restore-files"'*'"apply-nvue"'*) ;; *) echo "FAILED: NVUE is not applied last" >&2; failed=1 ;; esac
# and from 5.9 on nothing else is taken over
nvue=$(sed -n '/"name": "nvue-needed"/,/^    },/p' "$file")
for text in '"version": "version", "least": "5.9"' '"severity": "error"' '"value": "nvue", "is": "yes"'; do
	case $nvue in *"$text"*) ;; *) echo "FAILED: nvue-needed lacks $text" >&2; failed=1 ;; esac
done
[ "$failed" -eq 0 ]
