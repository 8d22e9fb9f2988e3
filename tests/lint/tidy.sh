#!/bin/sh
# tidy.sh ROOT FLAG...: clang-tidy (.clang-tidy at the top) over every .c of the tree, with
# the compiler's flags given, on all cores. Headers are seen through those who include them.
# Tests are spared the analyser, which walks every path: they run under the sanitizers.
set -eu
cd "$1"
shift
command -v clang-tidy >/dev/null || { echo "no clang-tidy" && exit 1; }
# Longest first, so that no core is left alone with a big file at the end.
look() { # checks, folders; then the flags
    checks=$1 folders=$2
    shift 2
    # shellcheck disable=SC2086 # a list of words
    find $folders -name '*.c' -size +0 -exec ls -S {} + |
        xargs -I '{}' -P "$(nproc)" clang-tidy --quiet "--checks=$checks" '{}' -- "$@" 2>/dev/null
}
look '' 'src samples' "$@"
look '-clang-analyzer-*' tests "$@"
