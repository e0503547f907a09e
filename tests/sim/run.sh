#!/bin/sh
# Whole upgrades with faults and crashes, over many seeds. SIM_SEEDS says how many.
exec ./tests/sim/sim --seeds "${SIM_SEEDS:-60}"
