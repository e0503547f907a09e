#!/bin/sh
# SPDX-License-Identifier: ISC
# Every screen in English: both sizes, with and without line drawing, with and without colours.
. "${srcdir:-.}/tests/tui/golden-lib.sh"

make_fixture
LC_ALL=C.UTF-8
each 80x24 "txt sty" --size 80x24 --styles
each 120x40 "txt sty" --size 120x40 --styles
each mono sty --size 80x24 --mono --styles
wide each mono-wide sty --size 120x40 --mono --styles
LC_ALL=C
each ascii txt --size 80x24
wide each ascii-wide txt --size 120x40 --mono --ascii
finish
