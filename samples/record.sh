#!/bin/bash
# Records the captures of this folder: real servers and clients talk to each other inside
# network namespaces that exist for the length of one recording, and a sniffer listens.
#
#   record.sh [case...]    records all cases, or only these (as root)
#   record.sh --list       names the cases
#   record.sh --install    installs what is missing, with apt-get
#
# The namespaces, joined by a veth pair or by the wire of wire.c:
#
#   client 10.77.0.1 fd77::1 ---- eth0 server 10.77.0.2-8 fd77::2
#                                      eth1 10.77.1.1 ---- origin 10.77.1.2 (if asked for)
#
# A case is a function that records, and one that asks tshark whether the capture shows
# what it should. Real software does not always race, lose or close on time: a recording
# that misses its point is made again.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
PEERS=$HERE/peers
PYTHON=/usr/bin/python3 # Debian's own: the one that sees python3-websockets
MODULES=/usr/lib/apache2/modules
export NODE_PATH=/usr/share/nodejs
FILE_BYTES_MAX=300000
ATTEMPTS_MAX=20

# command or file | Debian package
NEEDED="
ip|iproute2
ethtool|ethtool
nft|nftables
gcc|gcc
openssl|openssl
tcpdump|tcpdump
dumpcap|wireshark-common
tshark|tshark
curl|curl
ab|apache2-utils
wrk|wrk
node|nodejs
nginx|nginx-light
apache2|apache2-bin
tinyproxy|tinyproxy-bin
nghttpd|nghttp2-server
chromium-headless-shell|chromium-headless-shell
$PYTHON|python3
/usr/lib/python3/dist-packages/websockets|python3-websockets
/usr/share/nodejs/ws|node-ws
/etc/mime.types|media-types
"

CASES="short-lived keepalive-reuse keepalive-max pipelining chunked bodiless
expect-continue expect-refused websocket h2c-upgrade connect-proxy idle-timeout
broken-promise idle-race late-reuse stale-reuse expect-late far-pipelining mixed aborted
http10-close-delimited lossy-wire browser"

say() { printf '%s\n' "$*" >&2; }
die() {
    say "record.sh: $*"
    exit 1
}

missing_packages() {
    local line
    for line in $NEEDED; do
        [[ -e ${line%|*} ]] || command -v "${line%|*}" >/dev/null || echo "${line#*|}"
    done
}

# ---- the network --------------------------------------------------------------------

# Everything runs as a job of this shell or below one, inside the namespaces.

net_up() { # [options of wire.c]: with any, the wire; without, a veth pair
    local ns
    for ns in $CLIENT $SERVER; do
        ip netns add $ns
        mkdir -p /etc/netns/$ns # "ip netns exec" lays these files over /etc
        cp "$TMP/hosts" /etc/netns/$ns/hosts
        : >/etc/netns/$ns/resolv.conf
    done
    if [[ $# -eq 0 ]]; then
        ip link add eth0 netns $CLIENT type veth peer name eth0 netns $SERVER
    else
        "$TMP/wire" "$@" $CLIENT/eth0 $SERVER/eth0 >"$TMP/wire.out" &
        wait_until grep -q up "$TMP/wire.out"
    fi
    device_up $CLIENT eth0 02:00:00:77:00:01 10.77.0.1/24 fd77::1/64
    device_up $SERVER eth0 02:00:00:77:00:02 10.77.0.{2,3,4,5,6,8}/24 fd77::2/64
}

origin_up() { # a third namespace behind the server
    ip netns add $ORIGIN
    ip link add eth1 netns $SERVER type veth peer name eth0 netns $ORIGIN
    device_up $SERVER eth1 02:00:00:77:01:01 10.77.1.1/24
    device_up $ORIGIN eth0 02:00:00:77:01:02 10.77.1.2/24
}

device_up() { # NAMESPACE DEVICE MAC ADDRESS...
    local ns=$1 device=$2 mac=$3 address
    shift 3
    # Without offloads every checksum is computed and no frame exceeds 1514 bytes.
    ip netns exec $ns ethtool -K $device tso off gso off gro off tx off rx off sg off \
        >/dev/null 2>&1 || true
    ip -n $ns link set lo up
    ip -n $ns link set $device address $mac mtu 1500
    ip -n $ns link set $device up
    for address; do
        case $address in
        *:*) ip -n $ns addr add $address dev $device nodad ;;
        *) ip -n $ns addr add $address dev $device ;;
        esac
    done
}

net_down() {
    local pid ns
    for pid in $(jobs -pr); do kill "$pid" 2>/dev/null || true; done
    wait
    SNIFFERS=()
    for ns in $CLIENT $SERVER $ORIGIN; do
        [[ -e /run/netns/$ns ]] || continue
        for pid in $(ip netns pids $ns); do kill -KILL "$pid" 2>/dev/null || true; done
        ip netns del $ns
        rm -rf /etc/netns/$ns
    done
    rmdir /etc/netns 2>/dev/null || true
}

wait_until() { # COMMAND...
    local i
    for ((i = 0; i < 100; i++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.05
    done
    die "waited in vain for: $*"
}

client() { ip netns exec $CLIENT "$@"; }

background() { # NAMESPACE LOG COMMAND... ("ip netns exec" becomes the command: $! is it)
    local ns=$1 log=$2
    shift 2
    ip netns exec $ns "$@" </dev/null >"$TMP/$log" 2>&1 &
}

is_listening() { # NAMESPACE ADDRESS:PORT
    ip netns exec $1 ss -Hltn | awk -v at="$2" '$4 == at { found = 1 } END { exit !found }'
}

# ---- servers ------------------------------------------------------------------------

fill_in() { # FILE [ADDRESS]
    sed "s#@TMP@#$TMP#g; s#@MODULES@#$MODULES#g; s#@ADDRESS@#${2:-}#g" "$PEERS/$1" \
        >"$TMP/$1"
}

nginx_up() { # [NAMESPACE ADDRESS]
    local ns=${1:-$SERVER} address=${2:-10.77.0.2}
    fill_in nginx.conf $address
    background $ns nginx.log nginx -c "$TMP/nginx.conf" -e "$TMP/nginx.error.log"
    wait_until is_listening $ns $address:80
}
apache_up() {
    fill_in apache.conf
    background $SERVER apache.log apache2 -f "$TMP/apache.conf" -DFOREGROUND
    wait_until is_listening $SERVER 10.77.0.4:80
}
app_up() { # [IDLE_MS]
    background $SERVER app.log node "$PEERS/app.js" 10.77.0.3 "$@"
    wait_until is_listening $SERVER 10.77.0.3:80
}
python_up() {
    background $SERVER python.log "$PYTHON" -m http.server --cgi \
        --bind 10.77.0.5 --directory "$TMP/site" 80
    wait_until is_listening $SERVER 10.77.0.5:80
}
chat_up() {
    background $SERVER chat.log node "$PEERS/websocket-server.js" 10.77.0.6
    wait_until is_listening $SERVER 10.77.0.6:80
}
nghttpd_up() {
    background $SERVER nghttpd.log nghttpd --no-tls -d "$TMP/site" -a 10.77.0.6 80
    wait_until is_listening $SERVER 10.77.0.6:80
}
proxy_up() {
    fill_in tinyproxy.conf
    background $SERVER proxy.log tinyproxy -d -c "$TMP/tinyproxy.conf"
    wait_until is_listening $SERVER 10.77.0.8:3128
}

# Documents with a fixed age, so that entity tags do not change between recordings.
site_make() {
    local i site=$TMP/site
    mkdir -p "$site/cgi-bin" "$TMP/put/put" "$TMP/put/small-put"
    chown -R www-data "$TMP/put"
    {
        echo '<!doctype html><html><head><title>Shop</title>'
        echo '<link rel="icon" href="data:,"><link rel="stylesheet" href="style.css">'
        echo '<script src="shop.js" defer></script></head><body><h1>Shop</h1>'
        for i in 1 2 3 4 5 6; do echo "<img src=\"item$i.svg\" alt=\"item $i\">"; done
        echo '<p id="stock"></p></body></html>'
    } >"$site/index.html"
    echo 'body { font-family: sans-serif } img { width: 40px }' >"$site/style.css"
    echo 'fetch("stock.json").then(r => r.json()).then(s => {
  document.getElementById("stock").textContent = s.items + " items";
});' >"$site/shop.js"
    echo '{"items": 6}' >"$site/stock.json"
    for i in 1 2 3 4 5 6; do
        echo "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'>$(
            seq 1 $((i * 20)) | sed 's/.*/<circle cx="&" cy="&" r="1"\/>/'
        )</svg>" >"$site/item$i.svg"
    done
    echo 'a small text' >"$site/small.txt"
    seq -f 'row %g' 1 2200 >"$site/rows.txt"
    printf '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n"\nseq 1 300\n' \
        >"$site/cgi-bin/count"
    chmod 755 "$site/cgi-bin/count"
    touch -d '2026-01-02T03:04:05Z' "$site"/*.*
    seq -f 'uploaded row %g' 1 1000 >"$TMP/upload.txt"
}

# ---- sniffers -----------------------------------------------------------------------

sniff() { # NAMESPACE DEVICE FILE [tcpdump options] : full frames, TCP only
    local ns=$1 device=$2 file=$3
    shift 3
    background $ns "$file.log" tcpdump -i $device -n -s 0 -U --immediate-mode -Z root \
        "$@" -w "$TMP/$file" tcp
    SNIFFERS+=($!)
    wait_until grep -q 'listening on' "$TMP/$file.log"
}

sniff_pcapng() { # NAMESPACE FILE DEVICE...
    local ns=$1 file=$2 device options=()
    shift 2
    for device; do options+=(-i "$device" -f tcp -s 0); done
    background $ns "$file.log" dumpcap -q -n "${options[@]}" -w "$TMP/$file"
    SNIFFERS+=($!)
    wait_until grep -q 'File:' "$TMP/$file.log"
    sleep 0.5 # it says so a little before it listens
}

sniff_end() { # the last segments are still on their way
    local pid
    sleep "${1:-0.4}"
    for pid in "${SNIFFERS[@]}"; do
        kill -INT "$pid"
        wait "$pid" || true
    done
    SNIFFERS=()
}

# dumpcap writes the machine's processor and kernel into the file: takes these options
# out of the section header and the interface descriptions, and touches nothing else.
anonymise_pcapng() { # FILE
    "$PYTHON" - "$1" <<'PYTHON_END'
import struct, sys

# block type: (bytes before its options, option codes to drop)
SECTION, INTERFACE = 0x0A0D0D0A, 1
DROPPED = {SECTION: (24, (2, 3)), INTERFACE: (16, (12, 13))}  # hardware, os; os, hardware
whole = open(sys.argv[1], "rb").read()
kept, at = b"", 0
while at < len(whole):
    kind, length = struct.unpack_from("<II", whole, at)
    block = whole[at:at + length]
    at += length
    if kind in DROPPED:
        start, codes = DROPPED[kind]
        body = block[8:start]
        while start < length - 4:
            code, size = struct.unpack_from("<HH", block, start)
            step = 4 + (size + 3) // 4 * 4
            body += b"" if code in codes else block[start:start + step]
            start += step
        size = struct.pack("<I", len(body) + 12)
        block = block[:4] + size + body + size
    kept += block
open(sys.argv[1], "wb").write(kept)
PYTHON_END
}

# ---- questions to tshark ------------------------------------------------------------

frames() { # FILE FILTER
    tshark -o tcp.reassemble_out_of_order:TRUE -o tcp.check_checksum:TRUE \
        -r "$TMP/$1" -Y "$2" 2>/dev/null | wc -l
}
shows() { # FILE FILTER [COUNT]: any number but none, or exactly COUNT frames
    local count
    count=$(frames "$1" "$2")
    [[ $count -gt 0 && $count -eq ${3:-$count} ]] && return
    say "    $1: $count frames of '$2', wanted ${3:-some}"
    return 1
}
lacks() { # FILE FILTER
    local count
    count=$(frames "$1" "$2")
    [[ $count -eq 0 ]] && return
    say "    $1: $count frames of '$2', wanted none"
    return 1
}

# What holds for every capture: correct checksums and no segment larger than the wire
# takes; and, where the wire loses nothing, nothing that the sniffer missed.
is_sound() { # FILE
    lacks "$1" 'tcp.checksum.status == "Bad" || tcp.len > 1460' &&
        { [[ $1 == lossy-wire* ]] ||
            lacks "$1" 'tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment'; }
}

# ---- the cases ----------------------------------------------------------------------

quiet_curl() { client curl -sS -o /dev/null "$@"; }

# One request per connection: HTTP/1.0, and HTTP/1.1 with "Connection: close"; at the end
# HTTP/1.0 that asks for keep-alive. Nanosecond timestamps.
record_short_lived() {
    net_up
    nginx_up
    sniff $SERVER eth0 short-lived.pcap --time-stamp-precision=nano
    client ab -q -n 6 -c 2 http://shop.example/small.txt >/dev/null
    quiet_curl -H 'Connection: close' http://shop.example/small.txt
    quiet_curl -H 'Connection: close' http://shop.example/
    quiet_curl --http1.0 http://shop.example/small.txt
    client ab -q -k -n 4 -c 1 http://shop.example/small.txt >/dev/null
    sniff_end
}
check_short_lived() {
    shows short-lived.pcap http.request 13
}

# curl and a keep-alive agent use connections again.
record_keepalive_reuse() {
    net_up
    nginx_up
    app_up
    sniff $SERVER eth0 keepalive-reuse.pcap
    quiet_curl http://shop.example/ --next -sS -o /dev/null http://shop.example/style.css \
        --next -sS -o /dev/null http://shop.example/shop.js \
        --next -sS -o /dev/null -d 'item=1' http://app.example/upload \
        --next -sS -o /dev/null http://shop.example/item1.svg
    client node "$PEERS/agent.js" 8 http://app.example/slow >/dev/null
    sniff_end
}
check_keepalive_reuse() {
    shows keepalive-reuse.pcap 'tcp.flags == 2' 4 &&
        shows keepalive-reuse.pcap http.request 13
}

# Apache counts down from three, and closes.
record_keepalive_max() {
    net_up
    apache_up
    sniff $SERVER eth0 keepalive-max.pcap
    quiet_curl -H 'Connection: keep-alive' 'http://three.example/small.txt?n=[1-6]'
    sniff_end
}
check_keepalive_max() {
    shows keepalive-max.pcap 'tcp.flags == 2' 2 &&
        shows keepalive-max.pcap http.request 6 &&
        shows keepalive-max.pcap 'http.response.line contains "max="'
}

# wrk sends four requests at once: to nginx; to a server whose second answer is slow; and
# to one that closes after six.
record_pipelining() {
    local wrk="client wrk -t1 -d1s -s $PEERS/pipeline.lua"
    net_up -d 2
    nginx_up
    app_up
    sniff $SERVER eth0 pipelining.pcap
    $wrk -c1 http://shop.example/ -- /small.txt /style.css /shop.js /stock.json >/dev/null
    $wrk -c2 http://app.example/ -- /a '/slow?ms=60' /b /c >/dev/null
    $wrk -c1 http://few.example/ -- /small.txt /1 /style.css /shop.js >/dev/null
    sniff_end
}
check_pipelining() {
    shows pipelining.pcap 'http.host == "app.example"' &&
        shows pipelining.pcap 'http.connection == "close" && http.response'
}

# Chunks with trailers, compressed chunks, a chunked upload.
record_chunked() {
    net_up
    nginx_up
    app_up
    sniff $SERVER eth0 chunked.pcap
    quiet_curl -H 'TE: trailers' -H 'Connection: TE' 'http://app.example/stream?lines=6' \
        --next -sS -o /dev/null --compressed http://app.example/gzip
    quiet_curl --compressed http://shop.example/zipped/rows.txt
    quiet_curl -T - -H 'Expect:' http://app.example/upload <"$TMP/upload.txt"
    quiet_curl -I http://app.example/gzip
    sniff_end
}
check_chunked() {
    shows chunked.pcap 'http.transfer_encoding == "chunked"' 4 &&
        shows chunked.pcap http.chunked_trailer_part
}

# Answers without body: HEAD, 204, 304, 302, beside 404 and 206, from two servers.
# Recorded on the pseudo-device "any".
record_bodiless() {
    local tag next='--next -sS -o /dev/null'
    local age='If-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT' rows=$TMP/site/rows.txt
    net_up
    nginx_up
    apache_up
    tag=$(printf '"%x-%x"' "$(stat -c %Y "$rows")" "$(stat -c %s "$rows")")
    sniff $SERVER any bodiless.pcap
    quiet_curl -I http://shop.example/rows.txt \
        $next http://shop.example/ping \
        $next -H "If-None-Match: $tag" http://shop.example/rows.txt \
        $next http://shop.example/missing \
        $next -I http://shop.example/missing \
        $next -L http://shop.example/old \
        $next -r 0-99 http://shop.example/rows.txt
    quiet_curl -I http://docs.example/rows.txt \
        $next -H "$age" http://docs.example/rows.txt \
        $next -L http://docs.example/old \
        $next http://docs.example/missing
    sniff_end
}
check_bodiless() {
    shows bodiless.pcap 'http.response.code == 304' 2 && shows bodiless.pcap http.response 13
}

# Node and nginx grant 100; a server that says nothing gets the body when curl has lost
# patience; Python's server gives its answer at once, and curl keeps the body.
record_expect_continue() {
    net_up
    nginx_up
    app_up
    python_up
    sniff $SERVER eth0 expect-continue.pcap
    quiet_curl -H 'Expect: 100-continue' -T "$TMP/upload.txt" http://app.example/upload
    quiet_curl -H 'Expect: 100-continue' -T "$TMP/upload.txt" http://shop.example/put/a
    quiet_curl -H 'Expect: 100-continue' --expect100-timeout 0.3 \
        --data-binary "@$TMP/site/shop.js" http://app.example/silent
    quiet_curl -H 'Expect: 100-continue' \
        --data-binary "@$TMP/site/shop.js" http://old.example/cgi-bin/count
    sniff_end
}
check_expect_continue() {
    shows expect-continue.pcap 'http.response.code == 100' 2 &&
        shows expect-continue.pcap 'http.response.code in {200, 201}' 4
}

# 413, 401, 417 in place of 100, and no body.
record_expect_refused() {
    net_up
    nginx_up
    apache_up
    app_up
    sniff $SERVER eth0 expect-refused.pcap
    quiet_curl -H 'Expect: 100-continue' -T "$TMP/upload.txt" http://shop.example/small-put/a
    quiet_curl -H 'Expect: 100-continue' -T "$TMP/upload.txt" http://docs.example/private/a
    quiet_curl -H 'Expect: 100-continue' -T "$TMP/upload.txt" http://app.example/never
    sniff_end
}
check_expect_refused() {
    local code
    lacks expect-refused.pcap 'http.response.code == 100' || return
    for code in 401 413 417; do
        shows expect-refused.pcap "http.response.code == $code" || return
    done
}

record_websocket() {
    local talk
    net_up
    chat_up
    sniff $SERVER eth0 websocket.pcap
    for talk in plain deflate told lost refused; do
        client "$PYTHON" "$PEERS/websocket-client.py" $talk >/dev/null
    done
    sniff_end
}
check_websocket() {
    shows websocket.pcap 'http.response.code == 101' 4 &&
        shows websocket.pcap 'http.response.code == 400' 1 &&
        shows websocket.pcap 'websocket.opcode == 9' &&
        shows websocket.pcap 'websocket.opcode == 0'
}

# HTTP/2 in clear: upgraded (Apache), ignored (nginx), begun at once (nghttpd).
record_h2c_upgrade() {
    net_up
    nginx_up
    apache_up
    nghttpd_up
    sniff $SERVER eth0 h2c-upgrade.pcap
    quiet_curl --http2 http://docs.example/rows.txt
    quiet_curl --http2 http://shop.example/small.txt
    quiet_curl --http2-prior-knowledge http://chat.example/small.txt
    sniff_end
}
check_h2c_upgrade() {
    shows h2c-upgrade.pcap 'http.response.code == 101' 1 && shows h2c-upgrade.pcap http2
}

# A proxy between two networks, recorded on both: TLS and plain HTTP through tunnels, a
# refused port, and an ordinary request in absolute form.
record_connect_proxy() {
    local proxy='-x http://proxy.example:3128'
    net_up
    origin_up
    nginx_up $ORIGIN 10.77.1.2
    proxy_up
    sniff_pcapng $SERVER connect-proxy.pcapng eth0 eth1
    quiet_curl -k $proxy https://secure.example/small.txt \
        -o /dev/null https://secure.example/style.css
    quiet_curl -p $proxy http://secure.example/small.txt \
        -o /dev/null http://secure.example/shop.js
    quiet_curl -k $proxy https://secure.example:8443/ 2>/dev/null || true
    quiet_curl $proxy http://secure.example/small.txt
    sniff_end 1
    anonymise_pcapng "$TMP/connect-proxy.pcapng"
}
check_connect_proxy() {
    shows connect-proxy.pcapng 'http.request.method == CONNECT' 3 &&
        shows connect-proxy.pcapng 'http.response.code == 403' 1 &&
        shows connect-proxy.pcapng tls
}

# Servers close connections that were idle for a second; the clients notice in time.
record_idle_timeout() {
    net_up
    nginx_up
    app_up 1000
    sniff $SERVER eth0 idle-timeout.pcap
    quiet_curl --rate 30/m -o /dev/null 'http://brief.example/small.txt?n=[1-2]'
    quiet_curl --rate 20/m -o /dev/null 'http://app.example/?n=[1-2]'
    quiet_curl --rate 100/m -o /dev/null 'http://brief.example/small.txt?n=[3-4]'
    sniff_end
}
check_idle_timeout() {
    shows idle-timeout.pcap 'tcp.flags == 2' 5 && shows idle-timeout.pcap http.request 6
}

# nginx advertises five seconds and closes after one.
record_broken_promise() {
    net_up
    nginx_up
    sniff $SERVER eth0 broken-promise.pcap
    quiet_curl --rate 30/m -o /dev/null 'http://promise.example/small.txt?n=[1-2]'
    sniff_end
}
check_broken_promise() {
    shows broken-promise.pcap 'tcp.flags == 2' 2 &&
        shows broken-promise.pcap 'http.response.line contains "timeout=5"' 2
}

# The wire takes 30 ms each way: whoever reuses a connection 965 ms after an answer does
# so while the FIN of a one-second timeout is on its way. One traffic, two captures.
# (Node 20, told to wait one second, announces one and waits two; Node 18 waits one.)
record_idle_race() {
    net_up -d 30
    nginx_up
    app_up 1000
    sniff $CLIENT eth0 idle-race-client.pcap
    sniff $SERVER eth0 idle-race-server.pcap
    client "$PYTHON" "$PEERS/reuse.py" app.example --again \
        /one 0.3 /two $((ATTEMPT % 2)).965 /three >/dev/null
    client "$PYTHON" "$PEERS/reuse.py" brief.example /small.txt 0.965 POST:/order >/dev/null
    client node "$PEERS/agent.js" race 965 http://brief.example/stock.json >/dev/null
    sniff_end
}
# At the client the request must leave before the FIN comes: its ACK cannot cover it.
# Three requests are lost so; each is the last on its connection and is met by RST.
check_idle_race() {
    local lost
    lost=$(tshark -r "$TMP/idle-race-client.pcap" -T fields -e tcp.stream -e tcp.srcport \
        -e http.request.method -e http.response.code -e tcp.flags.fin -e tcp.flags.reset \
        2>/dev/null | awk -F '\t' '
        $3 { asked[$1] = 1; fin_seen[$1] = 0 }
        $4 { asked[$1] = 0 }
        $2 == 80 && $5 == 1 && asked[$1] { fin_seen[$1] = 1 }
        $2 == 80 && $6 == 1 && fin_seen[$1] { lost[$1] = 1 }
        END { for (s in lost) count++; print count + 0 }')
    [[ $lost -eq 3 ]] || { say "    $lost races, wanted 3"; return 1; }
}

# Python's http.client does not look whether its connection is still there.
record_late_reuse() {
    net_up
    app_up 1000
    sniff $SERVER eth0 late-reuse.pcap
    client "$PYTHON" "$PEERS/reuse.py" app.example --again /one 2.5 /two >/dev/null
    sniff_end
}
check_late_reuse() {
    shows late-reuse.pcap http.request 3 && shows late-reuse.pcap http.response 2
}

# A firewall on the way lets no FIN through (one that has forgotten the connection does
# so): the server is gone and the client cannot know, until an RST answers its request.
record_stale_reuse() {
    net_up
    nginx_up
    ip netns exec $SERVER nft -f - <<'NFT_END'
table ip firewall {
    chain out {
        type filter hook output priority 0
        tcp flags & fin == fin drop
    }
}
NFT_END
    sniff $SERVER eth0 stale-reuse.pcap
    client "$PYTHON" "$PEERS/reuse.py" brief.example --again /small.txt 0.4 /style.css 1.5 \
        /small.txt >/dev/null
    client node "$PEERS/agent.js" race 1500 http://brief.example/stock.json >/dev/null
    sniff_end
}
check_stale_reuse() {
    lacks stale-reuse.pcap 'tcp.flags.fin == 1 && tcp.srcport == 80' &&
        shows stale-reuse.pcap http.request 7 &&
        shows stale-reuse.pcap http.response 5 &&
        shows stale-reuse.pcap 'tcp.flags.reset == 1 && tcp.srcport == 80'
}

# The answer is there at once (417, 413), and the body is sent nevertheless.
record_expect_late() {
    net_up
    nginx_up
    app_up
    sniff $SERVER eth0 expect-late.pcap
    client "$PYTHON" "$PEERS/expect-late.py" app.example /never 0.3 "$TMP/site/item1.svg" \
        >/dev/null
    client "$PYTHON" "$PEERS/expect-late.py" shop.example /small-put/a 0.3 \
        "$TMP/site/item6.svg" >/dev/null
    sniff_end
}
check_expect_late() {
    lacks expect-late.pcap 'http.response.code == 100' &&
        shows expect-late.pcap 'http.response.code in {413, 417}' 2 &&
        shows expect-late.pcap 'tcp.dstport == 80 && tcp.len > 1000'
}

# Thirty milliseconds each way, a request every twelve: at the server each is answered at
# once, at the client five are under way. One traffic, two captures.
record_far_pipelining() {
    net_up -d 30
    nginx_up
    app_up
    sniff $CLIENT eth0 far-pipelining-client.pcap
    sniff $SERVER eth0 far-pipelining-server.pcap
    client "$PYTHON" "$PEERS/stream.py" shop.example 12 /small.txt /style.css /rows.txt \
        /shop.js /stock.json /item1.svg /item2.svg /item6.svg /small.txt /shop.js >/dev/null
    client "$PYTHON" "$PEERS/stream.py" app.example 25 /a '/slow?ms=60' /b /c \
        '/stream?lines=4' /d '/slow?ms=30' /e >/dev/null
    sniff_end
}
check_far_pipelining() {
    local end
    for end in client server; do
        shows far-pipelining-$end.pcap http.request 18 &&
            shows far-pipelining-$end.pcap http.response || return
    done
}

# Twenty exchanges of most kinds in about two hundred packets: what is left of them when
# any one packet is missing is a test of its own.
record_mixed() {
    local shop=http://shop.example app=http://app.example next='--next -sS -o /dev/null'
    net_up -d 2
    nginx_up
    app_up
    sniff $SERVER eth0 mixed.pcap
    quiet_curl $shop/ $next $shop/rows.txt $next -I $shop/rows.txt $next $shop/missing \
        $next --compressed $shop/zipped/rows.txt $next $shop/ping \
        $next -T "$TMP/upload.txt" -H 'Expect:' $shop/put/c
    quiet_curl -d 'item=1' $app/upload $next "$app/stream?lines=15" \
        $next -T - -H 'Expect:' $app/upload <"$TMP/site/item6.svg"
    quiet_curl -H 'Expect: 100-continue' -T "$TMP/site/item4.svg" $app/upload \
        $next --compressed $app/gzip $next "$app/slow?ms=20" $next "$app/stream?lines=15"
    client "$PYTHON" "$PEERS/stream.py" shop.example 2 /small.txt /item6.svg /style.css \
        /rows.txt /shop.js /stock.json >/dev/null
    sniff_end
}
check_mixed() {
    shows mixed.pcap http.request 20 && shows mixed.pcap tcp
}

# Cut answers: by the client's patience, by the server in the middle, by the server
# before the first byte.
record_aborted() {
    net_up
    app_up
    sniff $SERVER eth0 aborted.pcap
    quiet_curl -m 0.3 'http://app.example/stream?lines=40&ms=50' 2>/dev/null || true
    quiet_curl -m 0.2 'http://app.example/slow?ms=500' 2>/dev/null || true
    quiet_curl http://app.example/broken 2>/dev/null || true
    quiet_curl http://app.example/crash 2>/dev/null || true
    sniff_end 0.8
}
check_aborted() { shows aborted.pcap http.request 4; }

# Bodies that end with the connection: CGI under Python's HTTP/1.0 server, and Node's
# answer to an HTTP/1.0 request.
record_http10_close_delimited() {
    net_up
    python_up
    app_up
    sniff $SERVER eth0 http10-close-delimited.pcap
    quiet_curl http://old.example/small.txt http://old.example/cgi-bin/count -o /dev/null
    client "$PYTHON" -c 'import urllib.request
for path in ("rows.txt", "cgi-bin/count"):
    print(len(urllib.request.urlopen("http://old.example/" + path).read()))' >/dev/null
    quiet_curl --http1.0 'http://app.example/stream?lines=4'
    sniff_end
}
check_http10_close_delimited() {
    shows http10-close-delimited.pcap http.request 5
}

# Loss and reordering in both directions, IPv4 and IPv6, seen from the client.
record_lossy_wire() {
    net_up -d 5 -l 50 -r 40 -s $ATTEMPT
    nginx_up
    sniff $CLIENT eth0 lossy-wire.pcap
    quiet_curl 'http://shop.example/rows.txt?n=[1-2]' --next -sS -o /dev/null \
        -H 'Expect:' -T "$TMP/upload.txt" 'http://shop.example/put/[4-5]' &
    quiet_curl 'http://six.example/rows.txt?n=[1-2]' --next -sS -o /dev/null \
        -H 'Expect:' -T "$TMP/upload.txt" 'http://six.example/put/[6-7]'
    wait $!
    sniff_end
}
# Of each connection, at the client: segments from the server that filled a hole, late (it
# was only reordered) or after a round trip of 10 ms (it was lost), and bytes that the
# client sent more than once.
count_repairs() { # FILE
    tshark -r "$TMP/$1" -Y 'tcp.len > 0' -T fields -e tcp.stream -e frame.time_relative \
        -e tcp.srcport -e tcp.seq -e tcp.len 2>/dev/null | awk -F '\t' '
        { flow = $1 FS $3; streams[$1] = 1; start = $4 + 0 }
        start > next_seq[flow] && next_seq[flow] {
            opened[flow, next_seq[flow]] = $2
        }
        start < next_seq[flow] && (flow, start) in seen && $3 != 80 { again[$1]++ }
        start < next_seq[flow] && (flow, start) in opened && !((flow, start) in seen) {
            if ($2 - opened[flow, start] > 0.009) lost[$1]++
            else late[$1]++
        }
        { seen[flow, start] = 1 }
        start + $5 > next_seq[flow] { next_seq[flow] = start + $5 }
        END { for (s in streams) print s, late[s] + 0, lost[s] + 0, again[s] + 0 }'
}
check_lossy_wire() {
    local stream late lost again count=0
    while read -r stream late lost again; do
        say "    connection $stream: $late late, $lost lost, $again repeated by the client"
        [[ $late -gt 0 && $lost -gt 0 && $again -gt 0 ]] || return
        count=$((count + 1))
    done < <(count_repairs lossy-wire.pcap)
    [[ $count -eq 2 ]] && shows lossy-wire.pcap http.request 8
}

# A browser loads a page with nine parts over a path of 2 x 10 ms. Compressed with gzip.
record_browser() {
    net_up -d 10
    nginx_up
    sniff $SERVER eth0 browser.pcap
    client env HOME="$TMP" chromium-headless-shell --no-sandbox --disable-gpu \
        --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --disable-features=HttpsUpgrades \
        --user-data-dir="$TMP/browser" --virtual-time-budget=3000 \
        --dump-dom http://shop.example/ \
        >"$TMP/browser.html" 2>"$TMP/browser.log"
    sniff_end 1
    rm -rf "$TMP/browser"
}
check_browser() {
    grep -q '6 items' "$TMP/browser.html" && shows browser.pcap http.request 10
}

# ---- the run ------------------------------------------------------------------------

captures() { # CASE
    find "$TMP" -maxdepth 1 -name "$1*.pcap*" ! -name '*.log' | sort
}

is_good() { # CASE
    local file
    for file in $(captures "$1"); do is_sound "${file##*/}" || return; done
    "check_${1//-/_}"
}

keep() { # CASE: puts its captures here
    local file
    [[ $1 != browser ]] || gzip -9nf "$TMP/browser.pcap"
    for file in $(captures "$1"); do
        [[ $(stat -c %s "$file") -le $FILE_BYTES_MAX ]] || die "${file##*/} is too large"
        install -m 644 "$file" "$HERE/"
        say "    ${file##*/}: $(stat -c %s "$file") bytes"
    done
}

record() { # CASE
    for ((ATTEMPT = 1; ATTEMPT <= ATTEMPTS_MAX; ATTEMPT++)); do
        say "$1"
        "record_${1//-/_}"
        net_down
        is_good "$1" && keep "$1" && return
        say "    missed its point: again"
    done
    die "$1: $ATTEMPTS_MAX recordings, none shows what it should"
}

main() {
    local packages name
    case ${1:-} in
    --list) printf '%s\n' $CASES && return ;;
    --install)
        packages=$(missing_packages | sort -u)
        [[ -z $packages ]] || apt-get install -y --no-install-recommends $packages
        return
        ;;
    -*) die "unknown option $1 (--list, --install)" ;;
    esac
    [[ $EUID -eq 0 ]] || die "network namespaces need root"
    packages=$(missing_packages | sort -u | tr '\n' ' ')
    [[ -z $packages ]] || die "not installed: $packages(record.sh --install fetches them)"
    for name; do declare -F "record_${name//-/_}" >/dev/null || die "no case '$name'"; done

    CLIENT=client$$ SERVER=server$$ ORIGIN=origin$$ SNIFFERS=()
    TMP=$(mktemp -d) # short and readable: CGI scripts run as nobody
    trap 'net_down; rm -rf "$TMP"' EXIT
    trap 'exit 130' INT TERM
    chmod 755 "$TMP"
    cat >"$TMP/hosts" <<HOSTS_END
127.0.0.1 localhost
10.77.0.2 shop.example brief.example promise.example few.example
10.77.0.3 app.example
10.77.0.4 docs.example three.example
10.77.0.5 old.example
10.77.0.6 chat.example
10.77.0.8 proxy.example
10.77.1.2 secure.example
fd77::2 six.example
HOSTS_END
    site_make
    gcc -std=c17 -O2 -Wall -Wextra -o "$TMP/wire" "$HERE/wire.c"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
        -subj /CN=secure.example -keyout "$TMP/key.pem" -out "$TMP/cert.pem" 2>/dev/null
    [[ $# -gt 0 ]] || set -- $CASES
    for name; do record "$name"; done
}

main "$@"
