#!/bin/sh
# setup.sh [--yes] build|test|bench: makes sure that this machine can build hopscope, or
# build and test it, or build and measure it. Says which Debian packages are missing and
# what each is for, and installs them: at once with --yes or as root without a terminal,
# after a question otherwise.
set -eu

# package | what for
build_packages='
gcc            | the compiler
libc6-dev      | headers of the C library
cmake          | the build
ninja-build    | the build
pkg-config     | finds the libraries
libpcap-dev    | filters, and captures of unusual formats
libsqlite3-dev | the database
sqlite3        | asks the database
zlib1g-dev     | captures compressed with gzip
libzstd-dev    | captures compressed with zstd
liblz4-dev     | captures compressed with lz4
liblzma-dev    | captures compressed with xz
libncurses-dev | the screens of live and view
'
test_packages='
libcmocka-dev  | unit tests
libjansson-dev | tests whose cases are written in JSON
clang          | second compiler, fuzzing
libclang-rt-dev| sanitizers and libFuzzer of clang
llvm           | names the lines in what those report
clang-format   | format test
clang-tidy     | static analysis
binutils       | objdump, for the test against mutable globals
nginx-light    | serves the tests of live captures
curl           | asks it
iproute2       | network namespaces for them
python3        | tests that compare captures with expectations
tmux           | a terminal for the tests of the screens
valgrind       | counts the instructions of each layer
chromium-headless-shell | opens HTML reports
mandoc         | finds faults in manual pages
bash           | completes a command line
zsh            | likewise
fish           | likewise
dpkg-dev       | finds what the Debian package depends on
file           | likewise
strace         | what the sandbox is asked for
libcap2-bin    | setcap and getcap, for the installed program
'

bench_packages='
libcmocka-dev    | the build of the tests is configured with it
libjansson-dev   | likewise
nginx-light      | the server
wrk              | clients: reused connections, pipelining
apache2-utils    | ab, clients: one request per connection
tcpdump          | records, and is what hopscope is measured against
wireshark-common | mergecap, which makes one capture of several
curl             | clients: TLS
openssl          | a certificate
ethtool          | switches offloads off
iproute2         | network namespaces
python3          | runs the programs and makes the table
'

yes=no
[ "${1:-}" != --yes ] || { yes=yes && shift; }
case ${1:-} in
build) packages=$build_packages ;;
test) packages=$build_packages$test_packages ;;
bench) packages=$build_packages$bench_packages ;;
*) echo "usage: setup.sh [--yes] build|test|bench" >&2 && exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "setup: not a Debian system, so nothing is checked. The Debian names of what is needed:"
    echo "$packages"
    exit 0
fi

missing=
is_installed() {
    dpkg-query -W -f '${db:Status-Abbrev}\n' "$1" 2>/dev/null | grep -q '^ii'
}
while IFS='| ' read -r package purpose; do
    [ -n "$package" ] && ! is_installed "$package" || continue
    [ -n "$missing" ] || echo "setup: missing packages"
    printf '  %-16s %s\n' "$package" "$purpose"
    missing="$missing $package"
done <<END
$packages
END
[ -n "$missing" ] || exit 0

as_root=
[ "$(id -u)" -eq 0 ] || as_root=sudo
command="apt-get install -y --no-install-recommends$missing"
if [ -n "$as_root" ] && ! command -v sudo >/dev/null; then
    echo "setup: as root, please:  $command" >&2
    exit 1
fi
if [ $yes = no ] && [ -t 0 ]; then
    printf 'setup: install them with apt-get? [Y/n] '
    read -r answer
    case $answer in
    '' | [yY]*) ;;
    *) echo "setup: nothing installed; this is the command:  ${as_root:+sudo }$command" && exit 1 ;;
    esac
elif [ -n "$as_root" ] && ! sudo -n true 2>/dev/null; then
    echo "setup: as root, please:  $command" >&2
    exit 1
fi

apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "setup: installing; this takes a minute or two"
# Mirrors fail now and then: once more, then with the lists that are there.
apt update || { sleep 5 && apt update; } || {
    tail -n 5 "$log" >&2
    echo "setup: the package lists could not be renewed; trying the old ones" >&2
}
# shellcheck disable=SC2086 # a list of words
apt install -y --no-install-recommends $missing || {
    tail -n 20 "$log" >&2
    echo "setup: apt-get could not install them; this is the command:  ${as_root:+sudo }$command" >&2
    exit 1
}
echo "setup: installed$missing"
