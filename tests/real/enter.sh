#!/bin/sh
# SPDX-License-Identifier: ISC
# What sshd of a switch runs for every command: the command, in the root directory of the switch.
here=$(cd "$(dirname "$0")" && pwd)
if test "$(id -u)" = 0; then
	exec unshare -m --propagation private sh "$here/inside.sh" "$here" "$1"
fi
exec unshare -rm --propagation private sh "$here/inside.sh" "$here" "$1"
