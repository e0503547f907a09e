#!/bin/sh
# Whole upgrades with faults and crashes, over many seeds. SIM_SEEDS says how many.
# Nothing has to outlive the machine here.
[ -w /dev/shm ] && TMPDIR=/dev/shm && export TMPDIR
exec ./tests/sim/sim --seeds "${SIM_SEEDS:-60}"
