#!/bin/sh
# run.sh [option...]: how fast hopscope is. Sets the machine up, builds the release, makes
# five mixes of traffic with real servers and clients, runs hopscope and tcpdump over them
# in turn, and prints the table of ratios. Less than two minutes.
#
#   --yes           installs missing packages without asking
#   --full          captures of full size (5 GB) instead of 100 MB each
#   --peers         suricata, tshark, zeek, httpry, too, if they are installed
#   --memory        bytes of memory per connection, with a million of them
#   --growth        four times the file, ten times the connections
#   --layers        the micro-benchmark of each layer
#   --strict        fails where a ratio is above what it must be
#   --runs N        runs of each (5)
#   --mixes A,B     only these of small,bulk,short,pipe,mixed
#   --make          makes the captures and stops
#   --program FILE  measures this hopscope; none is built
#
# Captures are kept and used again, in $HOPSCOPE_BENCH (hopscope-bench in the cache
# folder otherwise). Making them needs root, for network namespaces that exist meanwhile.
set -eu
cd "$(dirname "$0")/../.."

yes='' size=100 mixes=small,bulk,short,pipe,mixed only_make=no layers=no program='' options=''
while [ $# -gt 0 ]; do
    case $1 in
    --yes) yes=--yes ;;
    --full) size=full ;;
    --peers | --memory | --growth | --strict) options="$options $1" ;;
    --layers) layers=yes ;;
    --make) only_make=yes ;;
    --runs) options="$options --runs ${2:?a number}" && shift ;;
    --mixes) mixes=${2:?names} && shift ;;
    --program) program=${2:?a file} && shift ;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
    esac
    shift
done
sh samples/setup.sh $yes bench

build=build/bench
log=$build/build.log
mkdir -p $build
if ! { cmake --preset release -B $build -D BUILD_TESTING=ON && cmake --build $build --target bench; } \
    >$log 2>&1; then
    tail -n 40 $log >&2
    echo "run.sh: the build failed; all of its output is in $log" >&2
    exit 1
fi
[ -n "$program" ] || program=$build/hopscope

cache=${HOPSCOPE_BENCH:-${XDG_CACHE_HOME:-$HOME/.cache}/hopscope-bench}/$size
missing=
for mix in $(echo "$mixes" | tr , ' '); do
    [ -s "$cache/$mix.pcap" ] || missing="$missing $mix"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "run.sh: making captures needs root (network namespaces)" >&2
        exit 1
    fi
    # shellcheck disable=SC2086 # a list of words
    BIN=$build tests/bench/mixes.sh "$cache" $size $missing
fi
[ $only_make = no ] || exit 0

status=0
# shellcheck disable=SC2086 # a list of words
tests/bench/measure.py --program "$program" --bin $build --cache "$cache" --mixes "$mixes" \
    $options || status=$?
if [ $layers = yes ]; then
    for mix in $(echo "$mixes" | tr , ' '); do
        printf '\nlayers, %s\n' "$mix"
        $build/bench_layers "$cache/$mix.pcap" || status=$?
    done
fi
exit $status
