#!/bin/sh
# What the compiler and the linker were asked for is in the program: a position of its own
# (PIE), tables that are read-only before main (RELRO, BIND_NOW), no executable stack,
# guards of the stack, checked copies (FORTIFY), marks at the targets of jumps (CET).
set -u
case $(uname -m) in x86_64) ;; *) echo "looks at x86_64 only" && exit 77 ;; esac
command -v readelf >/dev/null || { echo "no readelf" && exit 77; }
if nm "$HOPSCOPE" | grep -q '__[at]san_init'; then echo "a sanitizer's build has guards of its own" && exit 77; fi
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
readelf -hlnd -W "$HOPSCOPE" >"$here/elf" 2>/dev/null
nm -D "$HOPSCOPE" >"$here/symbols" 2>/dev/null

bad=0
wants() { # file pattern what
    if grep -Eq -- "$2" "$here/$1"; then echo "yes  $3"; else echo "NO   $3" && bad=1; fi
}
wants elf 'Type: +DYN' 'PIE'
wants elf 'FLAGS_1.* PIE' 'PIE, told to the loader'
wants elf 'GNU_RELRO' 'RELRO'
wants elf 'BIND_NOW|FLAGS_1.*NOW' 'BIND_NOW'
wants elf 'GNU_STACK .* RW +0x' 'a stack that is no code'
wants symbols ' U __stack_chk_fail' 'stack protector'
wants symbols ' U __(memcpy|snprintf|vsnprintf|fprintf|printf|read|pread)(64)?_chk' 'FORTIFY'
if readelf -lW "$HOPSCOPE" | grep -Eq 'RWE'; then echo "NO   segment both written and run" && bad=1; fi

# The C library's own start files are without marks on some systems, and the linker then
# takes them off the whole program; ours have them.
library=$(dirname "$HOPSCOPE")/libhopscope.a
if [ -f "$library" ]; then
    readelf -nW "$library" >"$here/notes" 2>/dev/null
    objects=$(grep -c '^File: ' "$here/notes")
    marked=$(grep -c 'x86 feature: .*IBT.*SHSTK' "$here/notes")
    echo "     $marked of $objects objects are marked for CET"
    [ "$objects" -gt 100 ] && [ "$marked" -eq "$objects" ] || bad=1
fi

# Some guards leave no mark: the compiler's command says them.
commands=$(dirname "$HOPSCOPE")/compile_commands.json
if [ -f "$commands" ]; then
    grep '"command":.*src/tcp/tcp\.c' "$commands" >"$here/command"
    wants command '-fstack-clash-protection' 'clash protection'
    wants command '-fstack-protector-strong' 'strong stack protector'
    wants command '-fcf-protection' 'control flow protection'
    wants command '-D_FORTIFY_SOURCE=[23]' 'FORTIFY, its level'
fi
exit $bad
