"""From an empty environment to today's orders for one's own holdings, as the README writes it.

``python tests/docs/readme_walk.py WHEEL FOLDER`` makes an environment in ``FOLDER/bare`` and
follows the block of the README in ``FOLDER/walk``: `pip install` gets the wheel, `jeoul init` is
answered on a terminal, and the page is read. It prints the seconds of each line, and puts them into
``FOLDER/walk.json``.
"""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXPORT = "종목코드,보유수량,평균단가\n069500,40,35000\n360750,100,17000\n예수금,1000000,\n"
ANSWERS = {
    "Day of birth": "1990-04-05",
    "Wages": "60000000",
    "Spending": "2500000",
    "stay invested": "5",
    "riskiest kind": "4",
    "know investment products": "4",
    "share of your financial assets": "4",
    "expect of your income": "3",
    "loss would you accept": "3",
}
"""Answers by a part of the question; every other question is answered with its default."""
MOST = 120.0  # seconds of the lines after `pip install`, on a busy machine
QUIET = 0.4  # seconds without output after which a line that ends with a colon is a question


def block() -> list[list[str]]:
    """Return the lines of the README, each in words."""
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("## What to do today with your own holdings")[2]
    body = re.search(r"```sh[^\n]*\n(.*?)```", section, re.DOTALL)
    assert body is not None, "the README has no such block"
    return [shlex.split(line) for line in body[1].splitlines()]


def answered(words: list[str], folder: Path) -> str:
    """Run a command on a terminal, answer its questions, and return what it wrote."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.environ["JEOUL_LANG"] = "en"
        os.execv(words[0], words)
    said, asked, begun = "", 0, time.monotonic()
    while True:
        if time.monotonic() - begun > MOST:
            os.kill(process, signal.SIGKILL)
            raise TimeoutError(f"it still waits for something: {said[-2000:]}")
        if select.select([terminal], [], [], QUIET)[0]:
            try:
                read = os.read(terminal, 4096)
            except OSError:  # its end of the terminal is closed
                break
            said += read.decode("utf-8", "replace")
            continue
        question = said[asked:]
        if re.search(r":\s*$", question):
            asked = len(said)
            answer = next((text for part, text in ANSWERS.items() if part in question), "")
            os.write(terminal, f"{answer}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert code == 0, said
    return said


def main(wheel: Path, folder: Path) -> int:
    """Follow the README; return 0 if it ends with a page about the holdings, in time."""
    bare, walk = folder / "bare", folder / "walk"
    walk.mkdir()
    export = next(word.partition("=")[2] for word in block()[1] if "=" in word)
    (walk / export).write_text(EXPORT, "utf-8")
    install, init, page = block()
    assert install == ["python", "-m", "pip", "install", "."], install
    seconds = {}
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "venv", str(bare)], check=True)
    pip = [str(bare / "bin" / "python"), "-m", "pip", "-q", "install", "--no-compile", str(wheel)]
    subprocess.run(pip, check=True)
    seconds["pip install"] = time.perf_counter() - begun
    begun = time.perf_counter()
    answered([str(bare / "bin" / init[0]), *init[1:]], walk)
    seconds["jeoul init"] = time.perf_counter() - begun
    begun = time.perf_counter()
    environment = {**os.environ, "JEOUL_LANG": "en"}
    subprocess.run(
        [str(bare / "bin" / page[0]), *page[1:]],
        cwd=walk, check=True, stdout=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    seconds["the page"] = time.perf_counter() - begun
    text = (walk / page[-1]).read_text("utf-8")
    missing = [part for part in ("069500", "Buy", "ISA") if part not in text]
    seconds = {name: round(each, 1) for name, each in seconds.items()}
    (folder / "walk.json").write_text(json.dumps(seconds), "utf-8")
    sys.stdout.write(f"{json.dumps(seconds)}\n")
    late = sum(seconds.values()) - seconds["pip install"] > MOST
    if missing or late:
        sys.stderr.write(f"not on the page: {missing}; in time: {not late}\n")
    return int(bool(missing) or late)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
