"""Mutants of C: small faults, each a change of one place of one line.

  relation    < and <=, > and >=, == and !=, < and >=: one for the other
  negation    if (x), while (x): if (!(x)), while (!(x))
  not         !x: x
  connective  && and ||: one for the other
  sign        + and -, += and -=: one for the other
  constant    n: n + 1, inside functions
  call        a statement that only calls: taken away. Not so mem_free: a leak is found by
              the debug build's sanitizer

Texts, comments, preprocessor lines, assertions, tables and what ALWAYS and NEVER say are
left as they are; and so is < for <= where the lesser of two is chosen, since of equals
either is.
"""
import collections
import hashlib
import re
from dataclasses import dataclass

RELATIONS = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
             "==": ("!=",), "!=": ("==",)}
SIGNS = {"+": "-", "-": "+", "+=": "-=", "-=": "+="}
TOKEN = re.compile(r"->|\+\+|--|<<=?|>>=?|[<>=!+\-*/&|^%]=|&&|\|\||[A-Za-z_]\w*|"
                   r"0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*|\S")
CALL = re.compile(r"\s+(?!mem_free\b|return\b|if\b|while\b|for\b|switch\b|sizeof\b|assert\b)"
                  r"[a-z_]\w*\(.*\);\s*(/\*.*)?$")
SKIPPED = re.compile(r"\b(assert|ALWAYS|NEVER)\(")
LESSER = re.compile(r"([\w.>\[\]-]+) ([<>]=?) ([\w.>\[\]-]+) \? "
                    r"(\1 : \3|\3 : \1)(?![\w.>\[-])")
CONDITION = re.compile(r"\b(if|while) \(")


@dataclass(frozen=True)
class Mutant:
    path: str      # from the top of the tree
    line: int
    kind: str
    before: str    # the line without its indentation
    after: str
    column: int
    copy: int      # how many lines above it in the file are the same

    @property
    def name(self):
        return f"{self.path}:{self.line}: {self.kind}: {self.before}  ->  {self.after}"

    def rank(self, seed):
        """Where it stands in a sample: independent of its line number, so that a change
        elsewhere in the file leaves the sample as it is."""
        text = (f"{seed}|{self.path}|{self.kind}|{self.before}|{self.after}|"
                f"{self.column}|{self.copy}")
        return hashlib.sha256(text.encode()).hexdigest()


def masked(source):
    """The source with the same places, but blanks for comments, and x for texts."""
    def blank(match):
        text = match.group(0)
        if text[0] in "\"'":
            return text[0] + "x" * (len(text) - 2) + text[0]
        return re.sub(r"[^\n]", " ", text)
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank,
                  source, flags=re.S)


def closing(text, at):
    """Where the bracket that opens at `at` closes; None: not on this line."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    return None


def is_binary(before):
    """Whether + or - behind this text joins two values."""
    return re.search(r"[\w)\]']\s$", before) and not re.search(r"\breturn\s$", before)


def is_either(line, start, other):
    """Whether the relation at `start` chooses the lesser or greater of two values, and the
    other one does so, too."""
    found = [m for m in LESSER.finditer(line) if m.start(2) == start]
    return bool(found) and found[0].group(2)[0] == other[0]


def token_changes(line):
    """(kind, from, to, new text) of each token that may be another."""
    for match in TOKEN.finditer(line):
        token, start, end = match.group(0), match.start(), match.end()
        if token in RELATIONS:
            for other in RELATIONS[token]:
                if not is_either(line, start, other):
                    yield "relation", start, end, other
        elif token in ("&&", "||"):
            yield "connective", start, end, "||" if token == "&&" else "&&"
        elif token in SIGNS and (len(token) == 2 or is_binary(line[:start])):
            yield "sign", start, end, SIGNS[token]
        elif token == "!":
            yield "not", start, end, ""
        elif token[0].isdigit():
            digits = token.rstrip("uUlL")
            yield "constant", start, end, f"({token} + 1)" if digits != "0" else "1"


def line_changes(line):
    yield from token_changes(line)
    for match in CONDITION.finditer(line):
        end = closing(line, match.end() - 1)
        if end is not None:
            inside = line[match.end():end]
            yield "negation", match.end(), end, f"!({inside})"
    if CALL.fullmatch(line):
        start = len(line) - len(line.lstrip())
        yield "call", start, line.rindex(";"), ""


def mutants_of(root, path):
    """Every mutant of the functions of one file."""
    with open(f"{root}/{path}", encoding="utf-8") as file:
        source = file.read()
    originals = source.split("\n")
    is_inside = is_table = False
    copies = collections.Counter()
    found = []
    for number, line in enumerate(masked(source).split("\n"), 1):
        is_inside = (is_inside or line == "{") and not line.startswith("}")
        is_table = is_inside and (is_table or re.search(r"\bstatic const\b", line)) \
            and not line.rstrip().endswith(";")
        if not is_inside or is_table or SKIPPED.search(line) or line.startswith("#"):
            continue
        if re.search(r"\bstatic const\b", line):
            continue
        original = originals[number - 1]
        copies[original] += 1
        for kind, start, end, text in line_changes(line):
            if kind == "negation":
                text = f"!({original[start:end]})"
            after = original[:start] + text + original[end:]
            found.append(Mutant(path, number, kind, original.strip(), after.strip(), start,
                                copies[original]))
    return found
