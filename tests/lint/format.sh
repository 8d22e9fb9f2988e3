#!/bin/sh
# format.sh ROOT: every C file is as clang-format leaves it (.clang-format at the top).
# What it prints is what cures it.
set -eu
cd "$1"
find src include tests samples -name '*.[ch]' | sort | {
    bad=0
    while read -r file; do
        clang-format --dry-run --Werror "$file" 2>/dev/null || {
            echo "clang-format -i $file"
            bad=1
        }
    done
    exit $bad
}
