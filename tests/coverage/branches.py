#!/usr/bin/python3
"""branches.py SOURCE_DIR EXPORT [FLOORS] [--list NAME...]: branch coverage by layer.

EXPORT is what `llvm-cov export` printed. A branch is one outcome of one condition, as it
stands in the source: a condition inside && counts by itself, a function that is in several
objects counts once. Not counted are

  - conditions that the compiler folds (sizeof, while (1)); ALWAYS and NEVER of base.h, which
    the coverage build makes constants
  - that a switch over an enum meets no case: the compiler warns of a forgotten one
  - that a `case` is not met: another one is. Labels of one statement count as one

FLOORS has lines `layer percent`; exit 1 when a layer lies below its own. --list prints the
outcomes that nothing reached, of the layers or files whose path holds one of the names.
"""
import collections
import json
import os
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent

FOLDED = re.compile(r"\d+|true|false|.*\bsizeof\b.*|.*\bARRAY_LENGTH\b.*")


class Sources:
    """The text of a region: of its condition, and of what stands before it."""

    def __init__(self):
        self.lines = {}

    def of(self, path):
        if path not in self.lines:
            with open(path, encoding="utf-8") as file:
                self.lines[path] = file.read().split("\n")
        return self.lines[path]

    def text(self, path, region):
        from_line, from_column, to_line, to_column = region
        lines = self.of(path)[from_line - 1:to_line]
        lines[-1] = lines[-1][:to_column - 1]
        lines[0] = lines[0][from_column - 1:]
        return " ".join(line.strip() for line in lines)

    def is_label_of_next(self, path, region):
        """Whether another label follows this one, with nothing between."""
        _, _, line, column = region
        rest = "\n".join(self.of(path)[line - 1:line + 8])[column - 1:]
        return re.match(r"\s*:\s*(/\*.*?\*/\s*)*(case|default)\b", rest, re.S)

    def before(self, path, region):
        return self.of(path)[region[0] - 1][:region[1] - 1]


def layer_of(root, path):
    """`http` of src/http/body.c and of include/hopscope/http.h; None outside the tree."""
    inside = os.path.relpath(path, root).split(os.sep)
    if inside[0] == "src":
        return inside[1]
    if inside[0] == "include":
        return os.path.splitext(inside[2])[0]
    return None


def read_counts(export, root):
    """{(path, region): [times true, times false]}, all instances of a function together."""
    counts = collections.defaultdict(lambda: [0, 0])
    with open(export, encoding="utf-8") as file:
        functions = json.load(file)["data"][0]["functions"]
    for function in functions:
        for branch in function["branches"]:
            path = function["filenames"][branch[6]]
            if layer_of(root, path):
                key = path, tuple(branch[:4])
                counts[key][0] += branch[4]
                counts[key][1] += branch[5]
    return counts


def outcomes(counts, sources):
    """(path, line, text, outcome, is met) of each branch that counts."""
    is_label_met = False
    for (path, region), (true, false) in sorted(counts.items()):
        text = sources.text(path, region)
        if re.match(r"(case|default)\b", text):
            is_label_met = is_label_met or true > 0
            if not sources.is_label_of_next(path, region):
                yield path, region[0], text, "met", is_label_met
                is_label_met = False
        elif re.search(r"\bswitch \($", sources.before(path, region)):
            continue
        elif not FOLDED.fullmatch(text) or true or false:
            yield path, region[0], text, "true", true > 0
            yield path, region[0], text, "false", false > 0


def header_layer(layers, layer):
    """A public header is named like its layer; base has several (finding.h, ...)."""
    return layer if layer in layers else "base"


def read_floors(path):
    floors = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split("#")[0].split()
            if words:
                floors[words[0]] = float(words[1])
    return floors


def main(arguments):
    names = []
    if "--list" in arguments:
        at = arguments.index("--list")
        arguments, names = arguments[:at], arguments[at + 1:]
    root, export = os.path.realpath(arguments[0]), arguments[1]
    floors = read_floors(arguments[2]) if len(arguments) > 2 else {}
    layers = sorted(os.listdir(os.path.join(root, "src")))
    met, all_of = collections.Counter(), collections.Counter()
    for path, line, text, outcome, is_met in outcomes(read_counts(export, root), Sources()):
        layer = header_layer(layers, layer_of(root, path))
        all_of[layer] += 1
        met[layer] += is_met
        short = os.path.relpath(path, root)
        if not is_met and any(name == layer or name in short for name in names):
            print(f"{short}:{line}: never {outcome}: {text}")
    low = 0
    print(f"{'layer':10} {'outcomes':>8} {'not met':>8} {'met':>7} {'floor':>7}")
    for layer in sorted(all_of, key=lambda name: met[name] / all_of[name]):
        percent = 100 * met[layer] / all_of[layer]
        floor = floors.get(layer, 0)
        is_low = percent < floor
        low += is_low
        print(f"{layer:10} {all_of[layer]:8} {all_of[layer] - met[layer]:8} {percent:6.1f}% "
              f"{floor:6.1f}%{'  too low' if is_low else ''}")
    total = sum(all_of.values())
    print(f"{'all':10} {total:8} {total - sum(met.values()):8} "
          f"{100 * sum(met.values()) / max(total, 1):6.1f}%")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
