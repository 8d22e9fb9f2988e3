#!/bin/sh
# The instructions of each layer on a fixed capture, as callgrind counts them, against
# instructions.tsv: none may have grown by more than 5 %. Times vary with the machine and
# the hour, counts do not; they do with the compiler, which therefore is part of the key.
#
#   test_instructions.sh                    compares
#   test_instructions.sh --update REASON    takes today's counts, with the reason why
#                                           they changed, in a few words
# HOPSCOPE is the program, SOURCE_DIR the tree; `crowd` lies beside the program.
set -eu
HOPSCOPE=${HOPSCOPE:?the program to test}
bench=${SOURCE_DIR:?the tree}/tests/bench
crowd=$(dirname "$HOPSCOPE")/crowd

skip() {
    echo "skipped: $*"
    exit 77
}
command -v valgrind >/dev/null || skip "valgrind is not installed"
command -v readelf >/dev/null || skip "readelf is not installed"
[ -x "$crowd" ] || skip "$crowd is not built"
# A sanitizer's program does not run under valgrind, and its counts would say nothing.
! readelf -Ws "$HOPSCOPE" | grep -qE '__(asan|tsan|ubsan)_' || skip "built with sanitizers"

here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
"$crowd" rounds 300 10 >"$here/crowd.pcap"
# One thread at a time, and nobody's turn depends on the clock.
# valgrind writes its file at the end, which the sandbox would not let it.
valgrind --tool=callgrind --callgrind-out-file="$here/counts" --fair-sched=yes \
    "$HOPSCOPE" read --sandbox off -q -o "$here/new.db" "$here/crowd.pcap" >"$here/out" 2>"$here/err" || {
    cat "$here/err"
    exit 1
}
"$bench/instructions.py" "$HOPSCOPE" "$here/counts" "$bench/instructions.tsv" "$@"
