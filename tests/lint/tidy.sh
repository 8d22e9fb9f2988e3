#!/bin/sh
# tidy.sh ROOT FLAG...: clang-tidy (.clang-tidy at the top) over every .c of src, with the
# compiler's flags given, on all cores. Headers are seen through the files that include them.
set -eu
cd "$1"
shift
# Longest first, so that no core is left alone with a big file at the end.
find src -name '*.c' -size +0 -exec ls -S {} + |
    xargs -I '{}' -P "$(nproc)" clang-tidy --quiet '{}' -- "$@" 2>/dev/null
