#!/bin/sh
# format.sh ROOT: every C file is as clang-format leaves it (.clang-format at the top).
# What it prints is what cures it.
set -eu
cd "$1"
find src include tests samples -name '*.[ch]' |
    xargs -n 10 -P "$(nproc)" sh -c '
        status=0
        for file; do
            clang-format --dry-run --Werror "$file" 2>/dev/null && continue
            echo "clang-format -i $file"
            status=1
        done
        exit $status' sh
