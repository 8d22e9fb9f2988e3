#!/bin/sh
# run.sh PROGRAM SEEDS...: fuzzes for FUZZ_SECONDS (15), from the seeds and the corpus of
# earlier runs, which is first reduced to what adds coverage. Everything is kept in the
# directory it starts in; a finding's file and how to replay it are printed. Beside this
# script, PROGRAM's name with .dict has words that its inputs are made of.
set -eu
program=$1 seconds=${FUZZ_SECONDS:-15}
limit=0 # bytes of an input; 0: as long as the seeds
[ "$(basename "$program")" != fuzz_http ] || limit=512 # says no less, and runs faster
dictionary=$(dirname "$0")/$(basename "$program").dict
shift
given=$#
while [ "$given" -gt 0 ]; do # only folders that are there
    [ ! -d "$1" ] || set -- "$@" "$1"
    shift
    given=$((given - 1))
done
# Freed memory is kept aside for a while, but not so much of it that every run of the
# target touches memory that no run before it did.
ASAN_OPTIONS=${ASAN_OPTIONS:-}:quarantine_size_mb=4:malloc_context_size=4
export ASAN_OPTIONS
mkdir -p corpus found
if [ -n "$(ls corpus)" ]; then
    rm -rf reduced && mkdir reduced
    "$program" -merge=1 -max_total_time=60 reduced corpus "$@" >merge.log 2>&1 || cat merge.log
    [ -z "$(ls reduced)" ] || { rm -rf corpus && mv reduced corpus; }
fi
[ ! -f "$dictionary" ] || set -- -dict="$dictionary" "$@"
if ! "$program" -max_total_time="$seconds" -max_len=$limit -timeout=20 -rss_limit_mb=2048 \
    -entropic=0 -artifact_prefix=found/ -print_final_stats=1 corpus "$@" >fuzz.log 2>&1; then
    grep -m 1 -A 30 -E 'ERROR:|runtime error:|does not hold:' fuzz.log || tail -n 40 fuzz.log
    grep 'Test unit written' fuzz.log || true
    echo "replay: $program $PWD/found/<file named above>"
    exit 1
fi
grep -E '^(stat::number_of_executed_units|stat::average_exec_per_sec|stat::peak_rss)' fuzz.log
grep -E 'DONE|cov:' fuzz.log | tail -n 1
