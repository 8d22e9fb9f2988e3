#!/usr/bin/env python3
"""site.py FOLDER: the files that the bench's server serves, the same on every run.

s/ has a thousand small ones of five types; b/ has forty of 100 KB to 10 MB
(log-uniform), a third of them text and the others incompressible.
"""
import math
import os
import random
import sys

LETTERS = "abcdefghijklmnopqrstuvwxyz"
EXTENSIONS = ["html", "js", "css", "json", "png"]


def main():
    folder = sys.argv[1]
    dice = random.Random(7)
    words = ["".join(dice.choices(LETTERS, k=dice.randint(2, 9))) for _ in range(900)]

    def text(length):
        return " ".join(dice.choices(words, k=length // 5 + 200)).encode()[:length]

    def write(name, data):
        with open(os.path.join(folder, name), "wb") as out:
            out.write(data)

    os.makedirs(folder + "/s", exist_ok=True)
    os.makedirs(folder + "/b", exist_ok=True)
    for i in range(1000):
        extension = EXTENSIONS[i % 5]
        length = dice.randint(40, 700)
        is_text = extension != "png"
        write(f"s/{i:03d}.{extension}", text(length) if is_text else dice.randbytes(length))
    for i in range(40):
        length = int(math.exp(dice.uniform(math.log(100e3), math.log(10e6))))
        write(f"b/{i:02d}.bin", text(length) if i % 3 == 0 else dice.randbytes(length))


main()
