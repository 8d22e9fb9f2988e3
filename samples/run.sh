#!/bin/sh
# run.sh [--yes]: builds hopscope and prints the account of the captures in this folder.
# Leaves samples.db beside them. --yes: installs missing packages without asking.
set -eu
cd "$(dirname "$0")/.."

sh samples/setup.sh "$@" build
build=build/release
log=$build/build.log
mkdir -p $build
if ! { cmake --preset release -D BUILD_TESTING=OFF && cmake --build $build --target hopscope; } \
    >$log 2>&1; then
    tail -n 40 $log >&2
    echo "run.sh: the build failed; all of its output is in $log" >&2
    exit 1
fi

rm -f samples/samples.db
# Some show the same traffic as another one, from the other end of the wire: as one
# capture, every packet of it would come twice.
other_ends='samples/idle-race-server.pcap samples/far-pipelining-server.pcap'
captures=
for capture in samples/*.pcap*; do
    case " $other_ends " in
    *" $capture "*) ;;
    *) captures="$captures $capture" ;;
    esac
done
status=0
# shellcheck disable=SC2086 # a list of words
$build/hopscope read -o samples/samples.db $captures || status=$?
for capture in $other_ends; do
    $build/hopscope read -q -o samples/samples.db "$capture" >/dev/null || status=$?
done

cat <<END

The rows behind this account are in samples/samples.db. Ask them, for example why
connections ended:
  sqlite3 -box samples/samples.db 'SELECT close_cause, closed_by, count(*) FROM connections GROUP BY 1, 2 ORDER BY 3 DESC'
The account of a capture of your own:
  $build/hopscope read -o my.db my.pcap
END
exit $status
