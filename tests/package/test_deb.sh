#!/bin/sh
# The Debian packages: made, looked into, installed into an empty root and removed.
# HOPSCOPE is the program; beside it lies what cpack works from.
set -u

HOPSCOPE=${HOPSCOPE:?the program to test}
build=$(dirname "$HOPSCOPE")
if [ ! -r "$build/CPackConfig.cmake" ]; then
    echo "this build makes no packages"
    exit 77
fi
for tool in cpack dpkg-deb dpkg-shlibdeps file; do
    command -v $tool >/dev/null && continue
    echo "$tool is missing"
    exit 77
done
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
chmod 755 "$here"
failures=0
fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

cd "$here" || exit 1
cpack --config "$build/CPackConfig.cmake" -G DEB -B "$here/out" >log 2>&1 || {
    tail -n 20 log
    exit 1
}
program=$(echo out/hopscope_*.deb)
library=$(echo out/libhopscope-dev_*.deb)
[ -r "$program" ] && [ -r "$library" ] || {
    echo "FAIL: no packages but $(ls out)"
    exit 1
}

# ---- what is in them ----
dpkg-deb -c "$program" >files || fail "$program cannot be read"
expect() { grep -q " \./$1\$" files || fail "the package has no /$1"; }
expect usr/bin/hopscope
expect 'usr/lib/systemd/system/hopscope@\.service'
expect usr/share/bash-completion/completions/hopscope
expect usr/share/zsh/vendor-completions/_hopscope
expect 'usr/share/fish/vendor_completions\.d/hopscope\.fish'
expect usr/share/doc/hopscope/copyright
expect 'usr/share/doc/hopscope/changelog\.Debian\.gz'
for page in "$build"/man/*.[17]; do
    expect "usr/share/man/man${page##*.}/$(basename "$page").gz"
done
awk '$2 != "root/root" || $1 ~ /s|.w.$|.....w/ { exit 1 }' files || fail "owners or modes"
grep -qE '/(include|cmake|pkgconfig)/|\.a$' files && fail "the program's package has the library"
dpkg-deb -c "$library" >files
expect usr/include/hopscope/base.h
expect 'usr/lib.*/libhopscope\.a'
grep -q /usr/bin/ files && fail "the library's package has the program"

dpkg-deb -I "$program" control >control
sqlite='Depends:.*libsqlite3-0'
! grep -q '^HOPSCOPE_SQLITE_ARCHIVE:.*=ON' "$build/CMakeCache.txt" || sqlite=
for word in 'Package: hopscope$' 'Section: net$' 'Depends:.*libc6 ' 'Depends:.*libpcap0' \
    "$sqlite" 'Recommends: libcap2-bin$' 'Architecture: '; do
    grep -q "^$word" control || fail "control has no $word"
done
grep -q "^Version: $("$HOPSCOPE" --version | cut -d' ' -f2)-" control || fail "version"

# ---- postinst, with setcap and systemctl in our place ----
dpkg-deb -R "$program" root
mkdir stub root/etc root/etc/default
cat >stub/setcap <<'END'
#!/bin/sh
echo "$@" >>"$CALLS"
exit "${SETCAP_EXIT:-0}"
END
chmod +x stub/setcap
export CALLS="$here/calls"
# postinst EXIT CALLS ARGUMENT...: ends so, and calls setcap that often
postinst() {
    expected=$1 calls=$2
    shift 2
    : >calls
    DPKG_ROOT="$here/root" PATH="$here/stub:$PATH" sh root/DEBIAN/postinst "$@" >said 2>&1
    code=$?
    [ $code -eq "$expected" ] || fail "postinst $*: exit $code: $(cat said)"
    [ "$(wc -l <calls)" -eq "$calls" ] || fail "postinst $*: calls of setcap: $(cat calls)"
}
postinst 0 1 configure
grep -qxF "cap_net_raw+ep $here/root/usr/bin/hopscope" calls || fail "setcap $(cat calls)"
[ ! -s said ] || fail "postinst talks: $(cat said)"
postinst 0 1 configure 0.0.1
echo 'CAPTURE="root"' >root/etc/default/hopscope
postinst 0 0 configure
echo 'KEEP=7d' >root/etc/default/hopscope
SETCAP_EXIT=1 postinst 0 1 configure
grep -q "only root can capture" said || fail "postinst does not say that setcap failed"
postinst 0 0 abort-upgrade
postinst 1 0 nonsense
for script in postinst prerm postrm; do
    sh -n root/DEBIAN/$script || fail "$script"
    [ -x root/DEBIAN/$script ] || fail "$script cannot be run"
done
for words in "prerm remove" "prerm upgrade" "postrm remove" "postrm purge"; do
    DPKG_ROOT="$here/root" sh root/DEBIAN/${words% *} "${words#* }" || fail "$words"
done

# ---- a root of its own ----
if [ "$(id -u)" -eq 0 ]; then
    mkdir -p new/var/lib/dpkg/updates new/var/lib/dpkg/info new/etc
    : >new/var/lib/dpkg/status
    dpkg_there() {
        dpkg --root="$here/new" --log=/dev/null --force-script-chrootless --force-depends \
            --force-architecture "$@" >log 2>&1 || fail "dpkg $*: $(tail -n 3 log)"
    }
    dpkg_there -i "$program"
    [ "$("$here/new/usr/bin/hopscope" --version)" = "$("$HOPSCOPE" --version)" ] ||
        fail "the installed program does not run"
    : >probe
    if setcap cap_net_raw+ep probe 2>/dev/null && command -v getcap >/dev/null; then
        getcap new/usr/bin/hopscope | grep -q cap_net_raw=ep || fail "the program has no right"
    fi
    dpkg_there -r hopscope
    left=$(find new ! -path "new/var/*" ! -type d | head -n 3)
    [ -z "$left" ] || fail "left behind: $left"
else
    echo "not root: not installed"
fi

# ---- the unit ----
unit=root/usr/lib/systemd/system/hopscope@.service
grep -qE '^ExecStart=(/usr/bin/)?hopscope live ' $unit || fail "$(grep ExecStart $unit)"

# ---- Debian's own eyes ----
# The address is for whoever publishes a package to set (HOPSCOPE_MAINTAINER), no bug
# asked for it, and units are named by pattern, which debhelper's helper does not take.
if command -v lintian >/dev/null; then
    known=bogus-mail-host,bogus-mail-host-in-debian-changelog,initial-upload-closes-no-bugs
    known=$known,maintainer-script-calls-systemctl,pkg-config-unavailable-for-cross-compilation
    lintian --allow-root --suppress-tags $known "$program" "$library" >said 2>&1
    grep -E '^[EW]: ' said >complaints && fail "lintian: $(cat complaints)"
fi

[ $failures -eq 0 ] && echo "$(basename "$program") and $(basename "$library") are whole"
exit $((failures > 0))
