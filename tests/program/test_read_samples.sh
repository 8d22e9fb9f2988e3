#!/bin/sh
# labels: threads
# `hopscope read` over all samples at once: exit 0, a summary, and a database.
set -eu
set -- "$SOURCE_DIR"/samples/*.pcap*
[ -e "$1" ] || {
    echo "no samples"
    exit 77
}
rm -f all.db
"$HOPSCOPE" read -o all.db "$@" >summary.txt
test -s summary.txt
test -s all.db
