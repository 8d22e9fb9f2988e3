#!/bin/sh
# run.sh PROGRAM SEEDS: fuzzes for FUZZ_SECONDS (30), from the seeds and the corpus of
# earlier runs, which is first reduced to what adds coverage. Everything is kept in the
# directory it starts in; a finding's file and how to replay it are printed.
set -eu
program=$1 seeds=$2 seconds=${FUZZ_SECONDS:-30}
[ -d "$seeds" ] || seeds=
mkdir -p corpus found
if [ -n "$(ls corpus)" ]; then
    rm -rf reduced && mkdir reduced
    "$program" -merge=1 -max_total_time=60 reduced corpus $seeds >merge.log 2>&1 || cat merge.log
    [ -z "$(ls reduced)" ] || { rm -rf corpus && mv reduced corpus; }
fi
if ! "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix=found/ -print_final_stats=1 corpus $seeds >fuzz.log 2>&1; then
    grep -m 1 -A 30 -E 'ERROR:|runtime error:' fuzz.log || tail -n 40 fuzz.log
    grep 'Test unit written' fuzz.log || true
    echo "replay: $program $PWD/found/<file named above>"
    exit 1
fi
grep -E '^(stat::number_of_executed_units|stat::average_exec_per_sec|stat::peak_rss)' fuzz.log
grep -E 'DONE|cov:' fuzz.log | tail -n 1
