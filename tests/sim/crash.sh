#!/bin/sh
# The program ends at every journal write (SIM_EVERY: at every K-th) and goes on from there.
exec ./tests/sim/crash --every "${SIM_EVERY:-1}"
