#!/usr/bin/env python3
"""instructions.py PROGRAM COUNTS TABLE [--update REASON]: sums callgrind's counts by
layer (the folder of src/ where the code stands, inlined or not) and holds them against
the table. libc and SQLite, whom the layers call, are told and not judged: they differ
with their versions, and libc with the processor. Exit code 77: the table has no figures
of this build.
"""
import re
import subprocess
import sys

GROWTH_MAX = 0.05
SMALL = 50_000  # instructions: less than this is noise, whatever its share
LIBRARIES = {"libc": r"/libc(\.so|-)", "sqlite": r"libsqlite3"}
HEAD = "# build\tlayer\tinstructions\treason of the last change\n"


def build_of(program):
    """Compiler and optimisation, as they are written into the program."""
    said = subprocess.run(["readelf", "--debug-dump=info", "--dwarf-depth=1", program],
                          capture_output=True, text=True, check=True).stdout
    producers = re.findall(r"DW_AT_producer.*?: *(?:\(.*?\): )?((?:GNU|clang|Debian).*)", said)
    ours = [p for p in producers if "GNU C" in p or "GNU GIMPLE" in p or "clang" in p]
    if not ours:
        return "unknown"
    words = ours[-1]
    version = re.search(r"\d+\.\d+\.\d+", words)
    level = re.search(r"-O\w", words)
    name = "clang" if "clang" in words else "gcc"
    has_lto = any("-flto" in p or "GIMPLE" in p for p in ours)
    return " ".join(filter(None, [name, version and version.group(),
                                  level and level.group(), "lto" if has_lto else ""]))


def layer_of(file, thing):
    found = re.search(r"/src/([a-z]+)/[a-z0-9_]+\.[ch]$", file)
    if found and "/usr/" not in file:
        return found.group(1)
    if re.search(r"/include/hopscope/[a-z_]+\.h$", file):
        return "base"
    for name, pattern in LIBRARIES.items():
        if re.search(pattern, thing):
            return name
    # SQLite's archive has no lines, and is the only such part of the program.
    return "sqlite" if file == "???" and thing.endswith("/hopscope") else None


def read_counts(path):
    """Own instructions by layer. Names are given once, as `(3) name`, then as `(3)`."""
    names, layers = {"ob": {}, "fl": {}}, {}
    thing = file = ""
    is_call = False
    with open(path) as lines:
        for line in lines:
            found = re.match(r"(ob|fl|fi|fe|fn|cob|cfi|cfl|cfn)=\((\d+)\)(?: (.*))?", line)
            if found:
                key, number, name = found.groups()
                kind = {"ob": "ob", "cob": "ob"}.get(key, "fn" if "fn" in key else "fl")
                known = names.setdefault(kind, {})
                if name is not None:
                    known[number] = name.strip()
                if key == "ob":
                    thing = known[number]
                elif key in ("fl", "fi", "fe"):
                    file = known[number]
            elif line.startswith("calls="):
                is_call = True  # the next line is what the callee took
            elif re.match(r"[-+*0-9]", line):
                if not is_call:
                    layer = layer_of(file, thing)
                    cost = line.split()
                    if layer and len(cost) > 1:
                        layers[layer] = layers.get(layer, 0) + int(cost[1])
                is_call = False
    return layers


def read_table(path):
    """{build: {layer: (instructions, reason)}}"""
    table = {}
    with open(path) as lines:
        for line in lines:
            if line.startswith("#") or not line.strip():
                continue
            build, layer, count, reason = line.rstrip("\n").split("\t")
            table.setdefault(build, {})[layer] = (int(count), reason)
    return table


def write_table(path, table):
    with open(path, "w") as out:
        out.write(HEAD)
        for build in sorted(table):
            for layer in sorted(table[build]):
                count, reason = table[build][layer]
                out.write(f"{build}\t{layer}\t{count}\t{reason}\n")


def has_grown(before, now):
    return now > before * (1 + GROWTH_MAX) and now - before > SMALL


def update(path, table, build, layers, reason):
    before = table.get(build, {})
    rows = {}
    for layer, count in layers.items():
        old = before.get(layer)
        has_changed = old is None or abs(count - old[0]) > SMALL / 10
        rows[layer] = (count, reason) if has_changed else old
    table[build] = rows
    write_table(path, table)
    print(f"{path}: {len(rows)} layers of {build}")


def compare(before, layers):
    grown = []
    print(f"{'layer':10} {'table':>13} {'now':>13} {'change':>8}")
    for layer in sorted(set(before) | set(layers)):
        old, now = before.get(layer, (0, ""))[0], layers.get(layer, 0)
        change = f"{100 * (now - old) / old:+.1f} %" if old else "new"
        print(f"{layer:10} {old:13} {now:13} {change:>8}")
        if layer not in LIBRARIES and has_grown(old, now):
            grown.append(layer)
    return grown


def main():
    program, counts, path = sys.argv[1:4]
    words = sys.argv[4:]
    build, layers, table = build_of(program), read_counts(counts), read_table(path)
    if words[:1] == ["--update"]:
        if len(words) < 2:
            sys.exit("--update needs the reason, in a few words")
        return update(path, table, build, layers, " ".join(words[1:]))
    print(f"instructions of {build}")
    if build not in table:
        print(f"skipped: the table has {', '.join(sorted(table)) or 'nothing'}")
        return 77
    grown = compare(table[build], layers)
    if not grown:
        return 0
    print(f"\nMore than 5 % more instructions: {', '.join(grown)}. If that is worth it, say why:\n"
          f"  HOPSCOPE={program} SOURCE_DIR=... tests/bench/test_instructions.sh "
          "--update 'the reason'")
    return 1


if __name__ == "__main__":
    sys.exit(main())
