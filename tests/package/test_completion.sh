#!/bin/sh
# Completion: each shell takes its script without a word, and offers what the program
# takes: commands, options, questions, formats, files; nothing where nothing fits.
# HOPSCOPE is the program; the scripts lie beside it, in completion/.
set -u

HOPSCOPE=${HOPSCOPE:?the program to test}
scripts=$(dirname "$HOPSCOPE")/completion
if [ ! -r "$scripts/hopscope.bash" ]; then
    echo "this build has no completions"
    exit 77
fi
for shell in bash zsh fish; do
    command -v $shell >/dev/null && continue
    echo "$shell is missing"
    exit 77
done
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
touch account.db "a file.pcap"
export HOME="$here" XDG_CONFIG_HOME="$here" XDG_DATA_HOME="$here" TERM=dumb
failures=0
fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

bash -n "$scripts/hopscope.bash" || fail "bash -n"
zsh -n "$scripts/hopscope.zsh" || fail "zsh -n"
fish -n "$scripts/hopscope.fish" || fail "fish -n"

# ---- what each offers after some words; the last is what has been typed of a word ----
cat >ask.bash <<'END'
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_hopscope
printf '%s\n' "${COMPREPLY[@]}"
END
offer_bash() { bash ask.bash "$scripts/hopscope.bash" "$@" 2>&1; }

# The last word is quoted for fish's own parser by what the cases are: plain words.
offer_fish() {
    fish --no-config -c 'source $argv[1]; complete -C "$argv[2]"' "$scripts/hopscope.fish" "$*" 2>&1 |
        cut -f1
}

# A zsh of its own on a pseudo terminal, whose compadd writes down what it is given.
cat >ask.zsh <<'END'
zmodload zsh/zpty
zpty shell zsh -f -i
say() { zpty -w shell "$1" }
say "PS1= PS2=; fpath=($1 \$fpath); autoload -U compinit; compinit -u -d $2/dump"
say "stty columns 300 rows 1000; zstyle ':completion:*' verbose no; LISTMAX=10000; setopt list_rows_first"
say "compadd() { local -a kept; builtin compadd -O kept \"\$@\"; print -rl -- \$kept >>$2/offered; builtin compadd \"\$@\" }"
say "print ready >$2/ready"
repeat 100 { [[ -s $2/ready ]] && break; sleep 0.1 }
zpty -w -n shell "$3"$'\t'
zpty -w shell $'\C-u'"print done >$2/done"
repeat 200 { [[ -s $2/done ]] && break; sleep 0.1 }
zpty -d shell
END
mkdir functions
cp "$scripts/hopscope.zsh" functions/_hopscope
offer_zsh() {
    rm -f offered ready done
    timeout 30 zsh -f ask.zsh "$here/functions" "$here" "$*" >/dev/null 2>&1
    [ ! -f offered ] || cat offered
}

# offers SHELL WANTED UNWANTED WORD...: '-' stands for nothing
offers() {
    shell=$1 wanted=$2 unwanted=$3
    shift 3
    offer_$shell "$@" >out
    for one in $wanted; do
        [ "$one" = - ] || grep -qxF -e "$one" out ||
            fail "$shell: no $one after '$*', but: $(tr '\n' ' ' <out | cut -c1-300)"
    done
    for one in $unwanted; do
        [ "$one" = - ] || ! grep -qxF -e "$one" out || fail "$shell: $one after '$*'"
    done
}

commands=$("$HOPSCOPE" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
# shellcheck disable=SC2086 # lists of words
for shell in bash fish zsh; do
    offers $shell "$(echo $commands)" account.db hopscope ""
    offers $shell read "live help" hopscope re
    offers $shell "read live" account.db hopscope help ""
    offers $shell --output "--interface --csv" hopscope read --
    offers $shell "--interface --rotate" "--stats --csv" hopscope live --
    offers $shell account.db - hopscope read ""
    offers $shell account.db - hopscope read -o ""
    offers $shell "auto always never" "account.db --output" hopscope read --color ""
    offers $shell "lo any" account.db hopscope live -i ""
    offers $shell account.db idle-race hopscope ask ""
    offers $shell "idle-race trust" account.db hopscope ask account.db ""
    offers $shell "idle-race idle-timeouts" trust hopscope ask --limit 5 account.db idle
    offers $shell "idle-race trust" account.db hopscope read --fail-on ""
    offers $shell - "account.db idle-race" hopscope live --snaplen ""
    case " $(echo $commands) " in *" export "*)
        offers $shell "har jsonl" account.db hopscope export account.db "" ;;
    esac
done
offers bash "trust,idle-race" trust hopscope read --fail-on trust,idle-r
offers fish "trust,idle-race" - hopscope read --fail-on trust,idle-r
offer_bash hopscope read a >out
grep -qxF "a file.pcap" out || fail "bash: a name with a space"
offers bash "always" - hopscope read --color = al

# ---- every option of every command, as --help has it ----
for command in $commands; do
    [ "$command" != help ] || continue
    "$HOPSCOPE" "$command" --help | sed -n '/^Options:/,/^$/s/^  .\{2,4\}\(--[a-z-]*\).*/\1/p' |
        sort >told
    offer_bash hopscope "$command" -- | sort >by_bash
    offer_fish hopscope "$command" -- | sort >by_fish
    [ -s told ] || fail "$command --help lists no options"
    cmp -s told by_bash || fail "bash: options of $command: $(diff told by_bash)"
    offers zsh "$(cat told)" - hopscope "$command" --
    cmp -s told by_fish || fail "fish: options of $command: $(diff told by_fish)"
done

[ $failures -eq 0 ] && echo "bash, zsh and fish offer what the program takes"
exit $((failures > 0))
