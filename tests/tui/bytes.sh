#!/bin/sh
# SPDX-License-Identifier: ISC
# Bytes that the real program sends down its line, and that it knows the common terminals.
. "${srcdir:-.}/tests/tui/golden-lib.sh"

make_fixture
mv "$T/fresh" "$T/state"
LC_ALL=C.UTF-8 tests/tui/bytes "$T/state" "$T/cloud"
