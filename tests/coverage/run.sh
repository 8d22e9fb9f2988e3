#!/bin/sh
# run.sh [WORK] [--list NAME...]: branch coverage by layer, of all tests that look at what
# the program does. Exit 1 when a layer lies below its row of floors.tsv. Takes some ten
# minutes; WORK (build/coverage) is kept, so that the next run builds only what changed.
# --list prints the outcomes that nothing reached, of the layers or files named.
#
#   clang, counters in shared memory --> ctest --> llvm-cov export --> branches.py
#
# COVERAGE_TESTS: a regular expression of ctest, for fewer tests (and lower figures).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/build/coverage
case ${1:-} in
'' | --list) ;;
*) work=$1 && shift ;;
esac

missing=
for tool in clang llvm-cov llvm-profdata cmake ninja; do
    command -v $tool >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
    echo "coverage: not there:$missing; sh samples/setup.sh test installs them" >&2
    exit 2
fi

# Counters live in a mapped file: a program that is killed, or may not open any file any
# more, has counted nevertheless. Assertions are no branches: NDEBUG, and what is there for
# them alone goes unused.
flags="-fprofile-instr-generate -fcoverage-mapping -mllvm -runtime-counter-relocation"
flags="$flags -DNDEBUG -DHOPSCOPE_COVERAGE -Wno-unused-parameter -Wno-unused-variable"
flags="$flags -Wno-unused-but-set-variable -Wno-unused-function"
mkdir -p "$work"
work=$(cd "$work" && pwd)
cmake -S "$root" -B "$work" -G Ninja -D CMAKE_BUILD_TYPE=Debug -D CMAKE_C_COMPILER=clang \
    -D BUILD_TESTING=ON -D HOPSCOPE_SANDBOX=OFF -D "CMAKE_C_FLAGS=$flags" >"$work/configure.log" 2>&1 ||
    { tail -n 20 "$work/configure.log" && exit 2; }
cmake --build "$work" >"$work/build.log" 2>&1 ||
    { grep -E -A 8 'error|FAILED' "$work/build.log" | head -n 40 && exit 2; }

rm -rf "$work/counts"
mkdir -m 777 "$work/counts" # the program may be nobody when it ends
tests=${COVERAGE_TESTS:-.}
# Not those that judge how the program was compiled, or how many instructions it takes.
LLVM_PROFILE_FILE=$work/counts/%m%c.profraw ctest --test-dir "$work" -R "$tests" \
    -LE 'lint|install|package|bench|readme' -E '^(sandbox_hardening|effort_work)$' \
    >"$work/tests.log" 2>&1 ||
    sed -n '/The following tests FAILED/,$p' "$work/tests.log"

# One object that holds all functions, and tests that compile a source of their own.
clang -shared -fprofile-instr-generate -o "$work/whole.so" -Wl,--whole-archive \
    "$work/libhopscope.a" "$work/libcli.a" -Wl,--no-whole-archive
objects=
for test in "$work"/test_http_*; do
    [ ! -f "$test" ] || objects="$objects -object $test"
done
llvm-profdata merge -sparse -o "$work/all.profdata" "$work"/counts/*.profraw
# shellcheck disable=SC2086
llvm-cov export -skip-expansions -instr-profile "$work/all.profdata" \
    "$work/whole.so" $objects >"$work/export.json"
exec python3 "$here/branches.py" "$root" "$work/export.json" "$here/floors.tsv" "$@"
