#!/usr/bin/python3
# The commands that README.md shows (`$ ...` in a fence) give the output it shows, over a
# database that is built as samples/run.sh builds it.
#
#   test_readme.py             compares; differences are printed as a diff
#   test_readme.py --update    writes what the commands give into README.md
import difflib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ["SOURCE_DIR"])
HOPSCOPE = pathlib.Path(os.environ["HOPSCOPE"]).resolve()
FENCE = re.compile(r"^```\n(\$ .*?)^```$", re.M | re.S)
PLAIN = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1", "TERM": "dumb"}


def run(place, command):
    """What it prints; raises when it does not end with 0."""
    environment = {**os.environ, **PLAIN,
                   "PATH": f"{place / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run(["/bin/sh", "-c", command], cwd=place, env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"exit {done.returncode}: {command}\n"
                           + done.stderr.decode(errors="replace"))
    return done.stdout.decode()


def prepare(place):
    """The samples under the names that README.md uses, their database, the program."""
    (place / "bin").mkdir()
    (place / "bin" / "hopscope").symlink_to(HOPSCOPE)
    (place / "samples").mkdir()
    script = (ROOT / "samples" / "run.sh").read_text()
    other_ends = re.search(r"^other_ends='([^']+)'$", script, re.M).group(1).split()
    first = []
    for capture in sorted((ROOT / "samples").glob("*.pcap*")):
        name = f"samples/{capture.name}"
        (place / name).symlink_to(capture.resolve())
        if name not in other_ends:
            first.append(name)
    for captures in (first, *([name] for name in other_ends)):
        run(place, f"hopscope read -q -o samples/samples.db {shlex.join(captures)}")


def command_of(block):
    """The lines up to the one that closes the last quote."""
    lines = block.splitlines(True)
    for count in range(1, len(lines) + 1):
        text = "".join(lines[:count])
        try:
            shlex.split(text)
            return text
        except ValueError:
            continue
    raise RuntimeError(f"a quote is never closed: {lines[0]}")


def main(arguments):
    if arguments not in ([], ["--update"]):
        print("usage: test_readme.py [--update]", file=sys.stderr)
        return 2
    if not shutil.which("sqlite3"):
        print("no sqlite3")
        return 77
    readme = ROOT / "README.md"
    before = readme.read_text()
    with tempfile.TemporaryDirectory(prefix="readme") as folder:
        place = pathlib.Path(folder)
        prepare(place)

        def renew(match):
            command = command_of(match.group(1))
            return f"```\n{command}{run(place, command[2:])}```"

        after, blocks = FENCE.subn(renew, before)
    if blocks == 0:
        print("README.md shows no command")
        return 1
    if arguments:
        readme.write_text(after)
    elif after != before:
        sys.stdout.writelines(difflib.unified_diff(
            before.splitlines(True), after.splitlines(True), "README.md", "now", n=2))
        return 1
    print(f"{blocks} blocks")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
