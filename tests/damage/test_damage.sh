#!/bin/sh
# labels: damage
# nightly: --full
# Captures that are cut at every byte and have every bit flipped (damage.c), and what the
# program says of them: exit 3, where the damage is, and the rows before it.
#
#   test_damage.sh           five small captures, and some mutations of samples
#   test_damage.sh --full    100,000 mutations of samples and of the captures in SHARED
set -eu
HOPSCOPE=${HOPSCOPE:?the program to test}
samples=${SOURCE_DIR:?the tree}/samples
damage=$(dirname "$HOPSCOPE")/damage
if [ "${1:-}" = --full ]; then
    find "$samples" ${SHARED:+"$SHARED/captures"} -type f -size -900k \
        \( -name '*.pcap' -o -name '*.pcapng' -o -name '*.gz' \) | sort >files
    # shellcheck disable=SC2046 # none of these names has a blank
    exec "$damage" --random 100000 $(cat files)
fi

bad() {
    echo "$*"
    exit 1
}
every=1
! readelf -Ws "$HOPSCOPE" | grep -qE '__(asan|tsan|ubsan)_' || every=16
"$damage" --every $every
"$damage" --random 700 "$samples"/*.pcap "$samples"/*.pcapng "$samples"/*.gz

for specimen in 0 1 2 3 4; do
    "$damage" --write $specimen >whole
    size=$(wc -c <whole)
    for part in 40 95; do
        rm -f cut.db
        head -c $((size * part / 100)) whole >cut.pcap
        status=0
        "$HOPSCOPE" read -q -o cut.db cut.pcap >out.txt 2>talk.txt || status=$?
        [ $status -eq 0 ] || [ $status -eq 3 ] || bad "specimen $specimen: exit $status"
        [ $status -eq 0 ] || grep -q 'damaged at byte [0-9]' talk.txt ||
            bad "specimen $specimen: $(cat talk.txt)"
        [ -s cut.db ] || bad "specimen $specimen: no database"
    done
done
echo "the program says where each cut is"
