#!/bin/bash
# mixes.sh FOLDER MEGABYTES|full MIX...: makes FOLDER/MIX.pcap of about that size each, and
# MIX.log beside it, the server's own account. As root; BIN has `retime`.
#
#   small  1000 MB  keep-alive, 240 connections recycled every 200 requests; browser-like
#                   fields, gzip and chunked, 304, 404, 302, POST
#   bulk   2000 MB  12 connections at 1.5 Gbit/s, bodies of 100 KB to 10 MB in 1460 bytes
#   short   300 MB  one request a connection, four-tuples used again
#   pipe    300 MB  pipelining 4, 8 and 16 deep; the server closes in the middle
#   mixed  1100 MB  slices of all these, of TLS and of a lossy wire (0.5 % lost, 1 %
#                   reordered, IPv4 and IPv6), re-timed to 12 s and merged by time
#
# Clients and nginx live in two network namespaces, joined by a veth pair with every
# offload off: no frame exceeds 1514 bytes, every checksum is computed. The servers of a
# mix are 10.55.<group>.1-4, so that no two mixes share a four-tuple.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
BIN=${BIN:?the folder of the built programs}
FOLDER=${1:?a folder for the captures}
MEGABYTES=${2:?megabytes of each, or full}
shift 2
mkdir -p "$FOLDER"
FOLDER=$(cd "$FOLDER" && pwd)
RUN=$(mktemp -d "$FOLDER/run.XXXXXX")
chmod 755 "$RUN" # nginx serves as another user
CLIENT=bench-client-$$ SERVER=bench-server-$$
PIDS=() # everything started and not yet seen to end

say() { printf '%s\n' "$*" >&2; }
declare -A FULL=([small]=1000 [bulk]=2000 [short]=300 [pipe]=300 [mixed]=1100)
PERMILLE=1000 # of the full size, of the mix at hand
scaled() { echo $(($1 * PERMILLE / 1000)); }

# ---- the network --------------------------------------------------------------------

net_up() { # [options of wire.c: that wire instead of a veth pair]
    local ns group host
    for ns in $CLIENT $SERVER; do ip netns add $ns; done
    if [[ $# -eq 0 ]]; then
        ip link add eth0 netns $CLIENT type veth peer name eth0 netns $SERVER
    else
        cc -O2 -o "$RUN/wire" "$HERE/../../samples/wire.c"
        "$RUN/wire" "$@" $CLIENT/eth0 $SERVER/eth0 >"$RUN/wire.out" &
        PIDS+=($!)
        wait_until grep -q up "$RUN/wire.out"
    fi
    for ns in $CLIENT $SERVER; do
        ip netns exec $ns ethtool -K eth0 tso off gso off gro off tx off rx off sg off \
            >/dev/null 2>&1 || true
        ip -n $ns link set lo up
        ip -n $ns link set eth0 mtu 1500 txqueuelen 10000 up
        ip netns exec $ns sysctl -qw net.ipv4.ip_local_port_range="10000 65000" \
            net.ipv4.tcp_tw_reuse=1 net.core.somaxconn=4096 \
            net.ipv4.tcp_max_syn_backlog=4096 net.ipv4.tcp_syncookies=0
    done
    for host in 1 2 3 4 5 6 7 8; do
        ip -n $CLIENT addr add 10.55.0.$host/16 dev eth0
    done
    for group in 1 2 3 4 5 6; do
        for host in 1 2 3 4; do
            ip -n $SERVER addr add 10.55.$group.$host/16 dev eth0
        done
    done
    ip -n $CLIENT addr add fd55::1/64 dev eth0 nodad
    ip -n $SERVER addr add fd55::1:1/64 dev eth0 nodad
}

# A token bucket with a deep queue: nothing is lost.
net_limit() { # MEGABITS a second, in both directions
    local ns
    for ns in $CLIENT $SERVER; do
        ip netns exec $ns tc qdisc add dev eth0 root tbf rate "$1mbit" burst 256k limit 64m
    done
}

net_down() {
    local ns pid
    for pid in "${PIDS[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
    PIDS=()
    for ns in $CLIENT $SERVER; do
        [[ ! -e /run/netns/$ns ]] || ip netns del $ns
    done
}

finish() {
    net_down
    rm -rf "$RUN"
}
trap finish EXIT
trap 'exit 1' INT TERM

wait_until() { # COMMAND...
    local i
    for ((i = 0; i < 100; i++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.05
    done
    say "mixes.sh: waited in vain for: $*"
    return 1
}

# ---- server and sniffer -------------------------------------------------------------

server_up() {
    [[ -d $RUN/www ]] || python3 "$HERE/site.py" "$RUN/www"
    [[ -s $RUN/key.pem ]] || openssl req -x509 -newkey rsa:2048 -nodes -days 30 \
        -subj /CN=www.shop.test -keyout "$RUN/key.pem" -out "$RUN/cert.pem" 2>/dev/null
    sed "s#@RUN@#$RUN#g" "$HERE/nginx.conf" >"$RUN/nginx.conf"
    rm -f "$RUN/access.log"
    ip netns exec $SERVER nginx -c "$RUN/nginx.conf" -e "$RUN/error.log" &
    NGINX=$!
    PIDS+=($NGINX)
    wait_until is_listening
}
is_listening() { ip netns exec $SERVER ss -Hltn | grep -q ':80 '; }

server_down() { # in order, so that the buffered log is whole
    kill -QUIT $NGINX
    wait $NGINX || true
}

sniffer_up() { # MIX [NAMESPACE]
    CAPTURE=$FOLDER/$1.pcap
    rm -f "$RUN/tcpdump.out"
    ip netns exec "${2:-$SERVER}" nice -n -15 tcpdump -i eth0 -n -s 0 -B 524288 -Z root \
        -w "$CAPTURE.partial" 2>"$RUN/tcpdump.out" &
    SNIFFER=$!
    PIDS+=($SNIFFER)
    wait_until grep -q listening "$RUN/tcpdump.out"
}

sniffer_down() {
    sleep 1
    kill -TERM $SNIFFER
    wait $SNIFFER || true
    if ! grep -q '^0 packets dropped by kernel' "$RUN/tcpdump.out"; then
        say "mixes.sh: the sniffer lost packets of $CAPTURE: $(grep dropped "$RUN/tcpdump.out")"
    fi
}

# ---- clients ------------------------------------------------------------------------

clients() { # SCRIPT CONNECTIONS DEPTH URL...: one wrk for each URL
    local script=$1 connections=$2 depth=$3 url
    shift 3
    for url; do
        ip netns exec $CLIENT wrk -t1 -c"$connections" -d100s -s "$HERE/$script.lua" \
            "$url" -- ${#LOADS[@]} "$depth" >"$RUN/load.${#LOADS[@]}" &
        LOADS+=($!)
        PIDS+=($!)
    done
}

# Until the capture has that many bytes; then the clients are stopped.
load_until() { # MEGABYTES
    local bytes=$(($1 * 1000000))
    while kill -0 "${LOADS[@]}" 2>/dev/null; do
        # Again and again: one that has only just begun does not listen yet.
        if [[ $(stat -c %s "$CAPTURE.partial") -ge $bytes ]]; then
            kill -INT "${LOADS[@]}" 2>/dev/null || true
        fi
        sleep 0.02
    done
    wait "${LOADS[@]}" || true
}

# One mix from server to name: the rest of the words say how the load is made.
record() { # MIX COMMAND...
    local mix=$1
    shift
    LOADS=()
    server_up
    sniffer_up "$mix" "${SNIFF_IN:-$SERVER}"
    "$@"
    sniffer_down
    server_down
    local served answered
    served=$(grep -cE '^([^ ]+ ){5}(200|302|304) ' "$RUN/access.log" || true)
    answered=$(wc -l <"$RUN/access.log")
    if ((served * 2 < answered)); then
        say "mixes.sh: $mix: $served of $answered requests were served: not what is wanted"
        return 1
    fi
    cp "$RUN/access.log" "$FOLDER/$mix.log"
    mv "$CAPTURE.partial" "$CAPTURE"
    net_down
}

# ---- the mixes ----------------------------------------------------------------------

load_small() {
    clients small 60 1 http://10.55.1.{1,2,3,4}/
    load_until "$(scaled 1000)"
}
load_bulk() {
    clients bulk 6 1 http://10.55.2.{1,2}/
    load_until "$(scaled 2000)"
}
load_short() {
    local host
    for host in 1 2 3 4; do
        ip netns exec $CLIENT ab -q -n "$(scaled 54000)" -c 40 \
            -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0' \
            -H 'Accept-Language: en-US,en;q=0.9' -H 'Referer: http://www.shop.test/index.html' \
            "http://10.55.3.$host/s/$(printf %03d.html $((host * 5)))" >"$RUN/ab.$host" &
        LOADS+=($!)
        PIDS+=($!)
    done
    wait "${LOADS[@]}"
}
load_pipe() {
    clients small 24 4 http://10.55.4.1/
    clients small 24 8 http://10.55.4.2/
    clients small 24 16 http://10.55.4.3/
    load_until "$(scaled 300)"
}
load_tls() {
    clients small 10 1 https://10.55.5.1/
    clients bulk 1 1 https://10.55.5.2/
    local i
    for ((i = 0; i < 40; i++)); do
        ip netns exec $CLIENT curl -sk --max-time 5 -o /dev/null https://10.55.5.3/s/000.html
    done
    load_until "$(scaled 150)"
}
load_lossy() {
    clients small 60 1 http://10.55.6.1/
    clients bulk 20 1 http://10.55.6.2/
    clients small 60 1 'http://[fd55::1:1]/'
    load_until "$(scaled 350)"
}

make_small() { net_up && record small load_small; }
make_short() { net_up && record short load_short; }
make_pipe() { net_up && record pipe load_pipe; }
make_tls() { net_up && record tls load_tls; }
make_bulk() { # without timestamps, so that a full segment carries 1460 bytes
    local ns
    net_up
    for ns in $CLIENT $SERVER; do
        ip netns exec $ns sysctl -qw net.ipv4.tcp_timestamps=0
    done
    net_limit 1500
    record bulk load_bulk
}
make_lossy() { # at the receiver of the bodies: losses show as holes filled late
    net_up -l 5 -r 10
    SNIFF_IN=$CLIENT record lossy load_lossy
}
make_mixed() {
    local part slices=()
    # mix, packets of the full size
    for part in small/570000 short/600000 bulk/180000 tls/80000 lossy/200000 pipe/115000; do
        [[ -s $FOLDER/${part%/*}.pcap ]] || "make_${part%/*}"
        "$BIN/retime" "$FOLDER/${part%/*}.pcap" "$RUN/${part%/*}.pcap" \
            "$(scaled "${part#*/}")" 1700000000 "$(scaled 12000)e-3" >/dev/null
        slices+=("$RUN/${part%/*}.pcap")
    done
    mergecap -F pcap -w "$FOLDER/mixed.pcap" "${slices[@]}"
    rm -f "${slices[@]}"
}

for mix; do
    [[ -n ${FULL[$mix]:-} ]] || { say "mixes.sh: there is no mix $mix" && exit 2; }
    [[ $MEGABYTES == full ]] || PERMILLE=$((MEGABYTES * 1000 / FULL[$mix]))
    began=$(date +%s)
    "make_$mix"
    say "$mix: $(stat -c %s "$FOLDER/$mix.pcap") bytes, made in $(($(date +%s) - began)) s"
done
