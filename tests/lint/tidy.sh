#!/bin/sh
# tidy.sh ROOT FLAG...: clang-tidy (.clang-tidy at the top) over every .c of the tree, with
# the compiler's flags given, on all cores. Headers are seen through those who include them.
set -eu
cd "$1"
shift
command -v clang-tidy >/dev/null || { echo "no clang-tidy" && exit 1; }
# Longest first, so that no core is left alone with a big file at the end.
find src tests samples -name '*.c' -size +0 -exec ls -S {} + |
    xargs -I '{}' -P "$(nproc)" clang-tidy --quiet '{}' -- "$@" 2>/dev/null
