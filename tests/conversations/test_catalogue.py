#!/usr/bin/python3
"""Every code of the catalogue has a conversation that raises it, and a near miss: one
that comes close and does not. A conversation says so by a line `# near-miss: code ...`;
that it does not raise the code is what `conversations` checks, because every finding must
have its line there. Codes that arise below the stream, where a conversation has no words
for them, may name unit tests instead: catalogue.tsv. Severities that depend on more than
the code must each be raised. Where FINDINGS.md lies beside the tree, the catalogue is
compared with it, row by row."""
import os
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = pathlib.Path(os.environ.get("SOURCE_DIR", HERE.parent.parent))
SEVERITIES = {"i": "info", "w": "warning", "a": "attack"}

# Severities besides a code's usual one (FINDINGS.md says when).
FURTHER = {
    "field_folded": ["attack"],
    "field_value_invalid": ["attack"],
    "chunk_extension": ["warning", "attack"],
    "desync_response_unasked": ["info"],
    "expect_unknown": ["attack"],
    "expect_no_body": ["attack"],
}


def catalogue():
    """{code: severity} from the table in finding.h."""
    text = (ROOT / "include/hopscope/finding.h").read_text()
    rows = re.findall(r'^\s*X\([A-Z0-9_]+, "([a-z0-9_]+)", ([A-Z]+),', text, re.M)
    return {name: severity.lower() for name, severity in rows}


def conversations(codes):
    """What is raised, with which severity, and what is only nearly raised: by code, the
    names of the files. A file that claims both is a fault, unless what it raises is not
    the code's usual severity."""
    raised, nearly, faults = {}, {}, []
    for path in sorted(HERE.glob("*.conv")):
        text = path.read_text(errors="surrogateescape")
        here = {}
        for row in re.findall(r"^= finding (.*)$", text, re.M):
            columns = dict(word.split("=", 1) for word in row.split() if "=" in word)
            here.setdefault(columns.get("code"), set()).add(columns.get("severity"))
        for code, severities in here.items():
            for severity in severities:
                raised.setdefault(code, {}).setdefault(severity, []).append(path.name)
        for line in re.findall(r"^# near-miss: (.*)$", text, re.M):
            for code in line.replace(",", " ").split():
                nearly.setdefault(code, []).append(path.name)
                if codes.get(code) in here.get(code, ()):
                    faults.append(f"{path.name}: raises {code}, and calls it a near miss")
    return raised, nearly, faults


def below_the_stream():
    """catalogue.tsv: code, where it is raised, where it is nearly raised; each is a file
    under tests and a word in it, `-` where a conversation does it."""
    table, faults = {}, []
    for number, line in enumerate((HERE / "catalogue.tsv").open(), 1):
        if line.startswith("#") or not line.strip():
            continue
        fields = line.rstrip("\n").split("\t")
        if len(fields) != 3:
            faults.append(f"catalogue.tsv:{number}: not three fields")
            continue
        table[fields[0]] = fields[1:]
        for place in fields[1:]:
            if place == "-":
                continue
            file, _, word = place.partition(":")
            path = HERE.parent / file
            if not path.is_file() or not word or word not in path.read_text():
                faults.append(f"catalogue.tsv:{number}: {file} has no {word!r}")
    return table, faults


def expected_codes():
    """{code: severity} from FINDINGS.md, or None when it is not there."""
    shared = os.environ.get("SHARED") or str(ROOT.parent / "shared")
    path = pathlib.Path(shared) / "FINDINGS.md"
    if not path.is_file():
        return None
    codes = {}
    for line in path.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 4 and cells[1] in SEVERITIES:
            for code in cells[0].split("·"):
                codes[code.strip()] = SEVERITIES[cells[1]]
    return codes


def compare(codes, wanted):
    for code in wanted.keys() - codes.keys():
        yield f"{code} is in FINDINGS.md, but not in the catalogue"
    for code in codes.keys() - wanted.keys():
        yield f"{code} is in the catalogue, but not in FINDINGS.md"
    for code in codes.keys() & wanted.keys():
        if codes[code] != wanted[code]:
            yield f"{code} is {codes[code]}, in FINDINGS.md {wanted[code]}"


def main():
    codes = catalogue()
    raised, nearly, faults = conversations(codes)
    table, more = below_the_stream()
    faults += more
    wanted = expected_codes()
    if wanted is not None:
        faults += sorted(compare(codes, wanted))
    for code in sorted((raised.keys() | nearly.keys() | table.keys()) - codes.keys()):
        faults.append(f"{code} is no code of the catalogue")
    for code in codes:
        units = table.get(code, ["-", "-"])
        if code not in raised and units[0] == "-":
            faults.append(f"{code}: no conversation raises it")
        if code not in nearly and units[1] == "-":
            faults.append(f"{code}: no near miss")
        for severity in FURTHER.get(code, []):
            if severity not in raised.get(code, {}):
                faults.append(f"{code}: no conversation raises it as {severity}")
    for fault in faults:
        print(fault)
    print(f"{len(codes)} codes: {len(raised.keys() & codes.keys())} raised by "
          f"conversations, {len(nearly.keys() & codes.keys())} nearly; "
          f"{len(table)} with unit tests; "
          + ("compared with FINDINGS.md" if wanted is not None else "no FINDINGS.md here"))
    if "--list" in sys.argv:
        for code in codes:
            names = [name for files in raised.get(code, {}).values() for name in files]
            print(f"{code}\t{' '.join(sorted(set(names)))}\t{' '.join(nearly.get(code, []))}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
