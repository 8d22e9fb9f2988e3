#!/bin/sh
# globals.sh OBJECT...: no object file may hold mutable data. Constants with addresses in
# them (.data.rel.ro) are written once, by the loader, and are fine.
set -eu
export LC_ALL=C
[ $# -gt 0 ] || { echo "globals.sh: no object files given"; exit 1; }
# A line is: address, seven flag columns, section, tab, size, name. Flag O: a data object.
objdump -t "$@" | awk '
    / file format / { object = $1 }
    /^[0-9a-f]+ .*\t/ {
        split($0, half, "\t"); split(half[2], tail, " ")
        n = split(half[1], head, " "); section = head[n]
        if (tail[1] ~ /^0+$/ || section ~ /^\.data\.rel\.ro/) next
        if (section !~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/) next
        print object " " tail[2] " lies in " section; bad++
    }
    END { exit bad > 0 }'
echo "$# objects, none holds mutable data"
