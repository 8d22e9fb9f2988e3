"""Databases of samples and made captures, and what hopscope says of them."""
import csv
import io
import os
import pathlib
import subprocess

import made

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
SAMPLES = pathlib.Path(os.environ.get("SAMPLES") or SOURCE / "samples")
HOPSCOPE = os.environ["HOPSCOPE"]
QUESTIONS = sorted(p.stem for p in (SOURCE / "src/store/sql").glob("*.sql"))


def hopscope(*words, code=0, **more):
    """Standard output; complains unless the program ends with `code`."""
    done = subprocess.run([HOPSCOPE, *map(str, words)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                          **more)
    text = done.stderr.decode(errors="replace")
    if done.returncode != code:
        raise AssertionError(f"{words}: exit {done.returncode}, not {code}: {text}")
    if code in (1, 2) and (text.count("\n") != 1 or not text.startswith("hopscope: ")):
        raise AssertionError(f"{words}: not one sentence: {text}")
    return text if code in (1, 2) else done.stdout.decode()


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def of_client(pcap):
    """Only what 10.77.0.1 sent (Ethernet, IPv4): a tap that saw one direction."""
    at, kept = 24, [pcap[:24]]
    while at < len(pcap):
        size = 16 + int.from_bytes(pcap[at + 8:at + 12], "little")
        record, at = pcap[at:at + size], at + size
        if record[16 + 26:16 + 30] == bytes((10, 77, 0, 1)):
            kept.append(record)
    return b"".join(kept)


def capture_of(case, folder):
    if case in made.CAPTURES:
        path = folder / f"{case}.pcap"
        made.make(case, path)
        return path
    if case == "cut":
        path = folder / "cut.pcap"
        path.write_bytes((SAMPLES / "broken-promise.pcap").read_bytes()[:-900])
        return path
    if case == "one-sided":
        path = folder / "one-sided.pcap"
        path.write_bytes(of_client((SAMPLES / "keepalive-reuse.pcap").read_bytes()))
        return path
    found = list(SAMPLES.glob(f"{case}.pcap*"))
    assert found, f"no sample {case}"
    return found[0]


def database_of(case, folder):
    path = folder / f"{case}.db"
    if not path.exists():
        code = 3 if case == "cut" else 0
        hopscope("read", "-q", "-o", path, capture_of(case, folder), code=code)
    return path


def truths():
    """(case, question, settings, columns, rows) of truth.tsv"""
    for line in (SOURCE / "tests/ask/truth.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            case, question, settings, columns, rows = line.split("\t")
            yield case, question, settings.split(), columns.split(","), rows
