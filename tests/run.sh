#!/bin/sh
# run.sh [--yes] [--quick]: sets the machine up, builds hopscope by both compilers, runs
# every test and ends with ctest's summaries. Exit 0: all passed.
#   --yes    installs missing packages without asking
#   --quick  the release build only
#
#   release  gcc: all tests, and those of the sources (format, clang-tidy, layers, ...)
#   clang    is built, for its warnings
#   debug    all tests under AddressSanitizer and UndefinedBehaviorSanitizer
#   tsan     unit tests and those labelled `threads` under ThreadSanitizer
#   fuzz     each fuzz target for FUZZ_SECONDS (15)
set -u
cd "$(dirname "$0")/.." || exit 1

yes= quick=no
for option in "$@"; do
    case $option in
    --yes) yes=--yes ;;
    --quick) quick=yes ;;
    *) echo "usage: run.sh [--yes] [--quick]" >&2 && exit 2 ;;
    esac
done
sh samples/setup.sh $yes test || exit 1

jobs=$(nproc)
logs=build/logs
rm -rf $logs
mkdir -p $logs
failed=
began=$(date +%s)

say() { printf '\n== %s (after %s s)\n' "$*" $(($(date +%s) - began)); }
build() { # preset
    say "build $1"
    if { cmake --preset "$1" -D BUILD_TESTING=ON && cmake --build "build/$1" -j "$jobs"; } \
        >"$logs/build-$1.log" 2>&1; then
        return
    fi
    grep -E -A 12 'error|FAILED|CMake Error' "$logs/build-$1.log" | head -n 60
    echo "build $1 failed; all of its output is in $logs/build-$1.log"
    failed="$failed build-$1"
    return 1
}
check() { # preset
    say "test $1"
    # The randomised layout of newer kernels is too wide for ThreadSanitizer.
    fixed_layout=
    [ "$1" != tsan ] || ! setarch -R true 2>/dev/null || fixed_layout='setarch -R'
    # Some tests wait more than they work: one more than there are processors.
    $fixed_layout ctest --preset "$1" -j $((jobs + 1)) >"$logs/test-$1.log" 2>&1 || failed="$failed test-$1"
    cat "$logs/test-$1.log"
}
build_and_check() { ! build "$1" || check "$1"; }

build_and_check release
if [ $quick = no ]; then
    build clang
    build_and_check debug
    build_and_check tsan
    build_and_check fuzz
fi

say "summaries"
for preset in release debug tsan fuzz; do
    log=$logs/test-$preset.log
    [ -f "$log" ] || continue
    printf '\n-- %s\n' $preset
    sed -n '/tests passed/,$p' "$log"
done
if [ -n "$failed" ]; then
    printf '\nFAILED:%s\n' "$failed"
    exit 1
fi
printf '\nall passed\n'
