#!/bin/sh
# The systemd unit: what it says is understood, the program takes its options, and it gives
# away few rights.
set -u
command -v systemd-analyze >/dev/null || { echo "no systemd-analyze" && exit 77; }
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
mkdir "$here/bin" && cp "$HOPSCOPE" "$here/bin/hopscope" || exit 1
unit="$here/hopscope@eth0.service"
sed "s|@unit_program@|$here/bin/hopscope|" "$SOURCE_DIR/src/cli/hopscope@.service.in" >"$unit"

SYSTEMD_LOG_LEVEL=warning systemd-analyze verify "$unit" >"$here/said" 2>&1
code=$?
grep -F "hopscope@eth0" "$here/said"
[ $code -eq 0 ] || { cat "$here/said" && exit 1; }

# The options of ExecStart, for an interface that is not there.
words=$(sed -n "/^ExecStart=/{ s|.*/hopscope live||; s|%S/hopscope/%i|$here|; s|%i|nosuch0|
    s|\${KEEP}|14d|; s|\$OPTIONS||; p; }" "$unit")
# shellcheck disable=SC2086 # a list of words
"$HOPSCOPE" live $words 2>"$here/err"
code=$?
cat "$here/err"
[ $code -eq 1 ] && grep -q "nosuch0" "$here/err" || exit 1

systemd-analyze security --offline=true "$unit" >"$here/security" 2>&1 || exit 1
tail -n 1 "$here/security"
level=$(sed -n 's/.*exposure level for .*: \([0-9]*\)\..*/\1/p' "$here/security")
[ "${level:-9}" -le 2 ]
