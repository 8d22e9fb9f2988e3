#!/usr/bin/python3
"""Puts small faults into src/http and src/tcp, one at a time, and asks the quick tests
whether they notice.

  mutate.py WORK                       150 mutants; SOURCE_DIR from the environment
  mutate.py WORK --count N --seed S    another sample; --count 0: all
  mutate.py WORK --file head.c         of files with that name only; --list: only say which
  mutate.py WORK --again LOG           those that LOG says survived

WORK is a folder for a copy of the tree and its builds; it is kept, so that the next run
begins at once. What the tests of the plain build do not notice, the unit tests of the
sanitized one may: leaks, and bytes read that are not there. Exit 1 when fewer than 90 % are
noticed. Not counted: what does not compile, what compiles to the same code, and what
equivalent.tsv says (with the reason) no test can notice.
"""
import argparse
import glob
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

sys.dont_write_bytecode = True
from mutants import mutants_of  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
WANTED_PERCENT = 90
FOLDERS = ("src/http", "src/tcp")
OTHER_MACHINES = {"plain_lines_portable.c"}    # not compiled here

# What notices most for its time comes first. Each is built before it runs; seconds of a
# time limit are some ten times what it takes.
UNIT = ("http_messages http_parts http_losses http_switching http_probe http_corners "
        "http_orphans start_lines likeness plain_lines coding_disguises "
        "llhttp_cases chars hidden drafts pairing tcp tcp_limits tcp_turns conn_state history "
        "flow_rest flow_hash first_bytes duplicates stream exchange_known "
        "exchange_proofs exchange_limits exchange_switches hazards_closing "
        "hazards_fragments hazards_headers hazards_holes hazards_hostile hazards_layers "
        "hazards_lost hazards_near hazards_opening hazards_order hazards_repeated "
        "pipeline_tick engine websocket").split()
# By layer of the mutant: what may notice it at all.
FIRST = {"tcp": ("unit tcp", "unit conn_state", "unit history", "unit duplicates",
                 "unit hazards", "unit stream")}
MODEL_SEEDS = 1500


class Build:
    """One build of the copied tree."""

    def __init__(self, tree, folder, options=()):
        self.tree, self.folder, self.options = tree, folder, options

    def configure(self):
        subprocess.run(
            ["cmake", "-S", self.tree, "-B", self.folder, "-G", "Ninja",
             "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O1 -g0",
             "-DHOPSCOPE_WERROR=OFF", "-DCMAKE_LINK_DEPENDS_NO_SHARED=ON",
             "-DCMAKE_EXE_LINKER_FLAGS=" + linker(),
             "-DCMAKE_C_COMPILER_LAUNCHER=" + (shutil.which("ccache") or ""),
             *self.options],
            check=True, stdout=subprocess.DEVNULL)

    def make(self, *targets):
        return subprocess.run(["ninja", "-C", str(self.folder), *targets],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0

    def object_of(self, path):
        return f"CMakeFiles/libhopscope.dir/{path}.o"

    def code_of(self, path):
        return (self.folder / self.object_of(path)).read_bytes()


@dataclass(frozen=True)
class Stage:
    """One program that may notice."""

    name: str
    build: Build
    target: str
    command: tuple
    limit: int


class Bench:
    """A copy of the tree, built; one file of it is changed at a time."""

    def __init__(self, source, work):
        self.source, self.tree = pathlib.Path(source), pathlib.Path(work, "tree")
        self.plain = Build(self.tree, pathlib.Path(work, "build"))
        self.sanitized = Build(self.tree, pathlib.Path(work, "sanitized"),
                               ["-DHOPSCOPE_SANITIZE=address,undefined"])
        self.place = pathlib.Path(work, "run")
        self.environment = dict(
            os.environ, HOPSCOPE=str(self.plain.folder / "hopscope"),
            SOURCE_DIR=str(self.tree), MODEL_SEEDS=str(MODEL_SEEDS), SHARED=self.shared())
        self.stages = self.all_stages()
        self.codes = {}    # of files without any mutant

    def shared(self):
        shared = self.source.parent / "shared"
        return str(shared.resolve()) if shared.is_dir() else ""

    def all_stages(self):
        return [*self.unit_stages("unit", self.plain),
                *self.unit_stages("sanitized", self.sanitized), *self.whole_stages()]

    def unit_stages(self, name, build):
        for test in UNIT:
            if (self.source / f"tests/unit/test_{test}.c").exists():
                yield Stage(f"{name} {test}", build, f"test_{test}",
                            (f"{build.folder}/test_{test}",), 60)

    def whole_stages(self):
        tests = self.tree / "tests"
        yield Stage("conversations", self.plain, "conversations",
                    (f"{self.plain.folder}/conversations", f"{tests}/conversations"), 120)
        for name in ("golden/test_golden.py", "model/test_model.py"):
            yield Stage(name, self.plain, "hopscope", (f"{tests}/{name}",), 120)

    def prepare(self):
        """Copies what changed, so that only that is built again."""
        for folder in ("src", "include", "tests", "samples"):
            copy_changed(self.source / folder, self.tree / folder)
        for name in ("LICENSE", "README.md"):
            copy_changed(self.source / name, self.tree / name)
        self.copy_shared()
        self.place.mkdir(parents=True, exist_ok=True)
        for build in (self.plain, self.sanitized):
            build.configure()
            if not build.make(*self.targets(build)):
                sys.exit(f"mutate: {build.folder} does not build")
        for stage in self.stages:
            if not self.passes(stage):
                sys.exit(f"mutate: {stage.name} fails without any mutant; see {self.place}")

    def targets(self, build):
        return ["libhopscope", *sorted({s.target for s in self.stages if s.build is build})]

    def copy_shared(self):
        """The library is a shared one here: a mutant is linked once, not by each test."""
        text = (self.source / "CMakeLists.txt").read_text(encoding="utf-8")
        shared = text.replace("libhopscope STATIC", "libhopscope SHARED")
        target = self.tree / "CMakeLists.txt"
        if shared == text:
            sys.exit("mutate: CMakeLists.txt: no line of the library")
        if not target.exists() or target.read_text(encoding="utf-8") != shared:
            target.write_text(shared, encoding="utf-8")

    def passes(self, stage):
        """Whether it ends in time, and well. Its whole process group ends with it."""
        with open(self.place / "output", "wb") as output:
            ran = subprocess.Popen(stage.command, cwd=self.place, env=self.environment,
                                   stdout=output, stderr=output, start_new_session=True)
            try:
                return ran.wait(stage.limit) in (0, 77)
            except subprocess.TimeoutExpired:
                os.killpg(ran.pid, signal.SIGKILL)
                ran.wait()
                return None

    def try_mutant(self, m):
        """(verdict, who noticed)."""
        file = self.tree / m.path
        original = file.read_text(encoding="utf-8")
        code = self.codes.setdefault(m.path, self.plain.code_of(m.path))
        lines = original.split("\n")
        indent = lines[m.line - 1][:-len(lines[m.line - 1].lstrip())]
        lines[m.line - 1] = indent + m.after
        file.write_text("\n".join(lines), encoding="utf-8")
        try:
            if not self.plain.make(self.plain.object_of(m.path)):
                return "void", "does not compile"
            if self.plain.code_of(m.path) == code:
                return "void", "the same code"
            return self.ask_tests(FIRST.get(m.path.split("/")[1], ()))
        finally:
            file.write_text(original, encoding="utf-8")

    def ask_tests(self, first):
        made = set()
        for stage in sorted(self.stages, key=lambda s: not s.name.startswith(first)):
            if stage.build not in made and not stage.build.make(*self.targets(stage.build)):
                return "void", "does not link"
            made.add(stage.build)
            passed = self.passes(stage)
            if passed is None:
                return "timeout", stage.name
            if not passed:
                return "killed", stage.name
        return "survived", ""


def linker():
    return "-fuse-ld=lld" if shutil.which("ld.lld") else ""


def copy_changed(source, target):
    """Like cp -u -r, but by content: a copy that is older than its build stays so. What is
    gone from the source goes from the copy."""
    if source.is_file():
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        return
    target.mkdir(parents=True, exist_ok=True)
    names = {entry.name for entry in source.iterdir()} - {"__pycache__"}
    for entry in target.iterdir():
        if entry.name not in names:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name in sorted(names):
        copy_changed(source / name, target / name)


def read_equivalents(source):
    """{(file, before, after): reason}; a row whose line is gone from its file is stale."""
    rows = {}
    with open(HERE / "equivalent.tsv", encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                path, before, after, reason = line.rstrip("\n").split("\t")
                rows[path, before, after] = reason
                text = pathlib.Path(source, path).read_text(encoding="utf-8")
                if before not in (x.strip() for x in text.split("\n")):
                    sys.exit(f"mutate: equivalent.tsv: no such line in {path}: {before}")
    return rows


def choose(source, options):
    found = []
    for folder in FOLDERS:
        for file in sorted(glob.glob(f"{source}/{folder}/*.c")):
            name = os.path.basename(file)
            if name not in OTHER_MACHINES and options.file in ("", name):
                found += mutants_of(source, f"{folder}/{name}")
    if options.again:
        with open(options.again, encoding="utf-8") as log:
            wanted = {line.split(" ", 1)[1].strip() for line in log
                      if line.startswith(("survived", "timeout"))}
        return [m for m in found if without_line(m.name) in
                {without_line(name) for name in wanted}]
    found.sort(key=lambda m: m.rank(options.seed))
    return found[:options.count or None]


def without_line(name):
    path, _, rest = name.split(":", 2)
    return path + rest


def run(bench, mutants, equivalents):
    counts = {"killed": 0, "timeout": 0, "survived": 0, "void": 0, "equivalent": 0}
    began = time.monotonic()
    for m in mutants:
        if (m.path, m.before, m.after) in equivalents:
            verdict, who = "equivalent", equivalents[m.path, m.before, m.after]
        else:
            verdict, who = bench.try_mutant(m)
        counts[verdict] += 1
        print(f"{verdict:8} {m.name}" + (f"  [{who}]" if verdict != "survived" else ""),
              flush=True)
    noticed = counts["killed"] + counts["timeout"]
    judged = noticed + counts["survived"]
    percent = 100 * noticed / judged if judged else 100
    print(f"{judged} mutants: {counts['killed']} killed, {counts['timeout']} by a time "
          f"limit, {counts['survived']} survived: {percent:.1f} % noticed; not counted: "
          f"{counts['void']} the same code or none, {counts['equivalent']} equivalent; "
          f"{time.monotonic() - began:.0f} s")
    return percent >= WANTED_PERCENT


def main():
    options = argparse.ArgumentParser()
    options.add_argument("work")
    options.add_argument("--count", type=int, default=150)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--file", default="")
    options.add_argument("--again", default="")
    options.add_argument("--list", action="store_true")
    options = options.parse_args()
    source = pathlib.Path(os.environ.get("SOURCE_DIR") or HERE.parent.parent).resolve()
    mutants = choose(source, options)
    if options.list:
        print("\n".join(m.name for m in mutants))
        return 0
    equivalents = read_equivalents(source)
    bench = Bench(source, os.path.abspath(options.work))
    bench.prepare()
    return 0 if run(bench, mutants, equivalents) else 1


if __name__ == "__main__":
    sys.exit(main())
