#!/bin/sh
# SPDX-License-Identifier: ISC
# A thousand seeded jobs (SEEDS) on scripted switches, in two processes; and every deliberate break
# of a rule has to be found.
many=${SEEDS:-1000}
half=$((many / 2))
./tests/engine/seeds --seed 1 --seeds $half &
first=$!
./tests/engine/seeds --seed $((half + 1)) --seeds $((many - half))
second=$?
wait $first || exit 1
[ $second -eq 0 ] || exit 1
exec ./tests/engine/seeds --mutants
