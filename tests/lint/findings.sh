#!/bin/sh
# findings.sh ROOT: every code of the finding table is raised somewhere in src.
set -eu
cd "$1"
table=include/hopscope/finding.h
[ -f "$table" ] || { echo "no $table"; exit 77; }
codes=$(sed -nE 's/^[ \t]*X\(([A-Z][A-Z0-9_]*),.*/\1/p' "$table")
[ -n "$codes" ] || { echo "$table: no rows X(CODE, ..."; exit 1; }
named=$(grep -rhoE --include='*.[ch]' 'FINDING_[A-Z0-9_]+' src | sort -u)
bad=0
for code in $codes; do
    if ! echo "$named" | grep -qx "FINDING_$code"; then
        echo "FINDING_$code is in the table, but nothing in src raises it"
        bad=1
    fi
done
echo "$(echo "$codes" | wc -l) codes"
exit $bad
