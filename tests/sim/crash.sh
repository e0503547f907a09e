#!/bin/sh
# The program ends at every journal write (SIM_EVERY: at every K-th) and goes on from there.
# Nothing has to outlive the machine here.
[ -w /dev/shm ] && TMPDIR=/dev/shm && export TMPDIR
exec ./tests/sim/crash --every "${SIM_EVERY:-1}"
