#!/bin/sh
# sizes.sh ROOT: a file stays under 400 lines, a function at 60 at most; the longest of
# each are named. A function is what stands between `{` and `}` in the first column, its
# signature included.
set -eu
cd "$1"
find src include -name '*.[ch]' | sort | xargs awk '
    function file_ends() {
        if (file == "") return
        if (lines >= 400) { print file ": " lines " lines, 399 at most"; bad++ }
        if (lines > longest_file) { longest_file = lines; longest_file_name = file }
        files++; all_lines += lines
    }
    FNR == 1 { file_ends(); file = FILENAME; start = 0; is_inside = 0 }
    { lines = FNR }
    !is_inside && /^[A-Za-z_]/ {
        if (!start) start = FNR
        if (match($0, /[A-Za-z_0-9]+\(/)) name = substr($0, RSTART, RLENGTH - 1)
    }
    !is_inside && /[;}]$/ { start = 0 }
    /^\{$/ { is_inside = 1 }
    is_inside && /^\}/ {
        is_inside = 0; functions++
        len = FNR - start + 1; start = 0
        if (len > 60) { print file ": " name " has " len " lines, 60 at most"; bad++ }
        if (len > longest) { longest = len; longest_name = name " in " file }
    }
    END {
        file_ends()
        print files " files, " all_lines " lines, " functions " functions"
        print "longest file:     " longest_file_name ", " longest_file " lines"
        print "longest function: " longest_name ", " longest " lines"
        exit bad > 0
    }'
