"""Lives of an account at the loopback of every broker with a REST interface.

What the paper account lives through in :file:`test_life.py`, and most of what the simulator draws,
at the brokers' own adapters: runs that die at a step, a line that loses and garbles answers, orders
that are listed late and filled in part or late, deposits and withdrawals, trades by hand, a second
plan, a machine whose clock is set forward. Every other life reuses the proceeds of sales.
``python tests/faults/rest_life.py --lives 60 --seed 1 --out FILE --write`` goes on where it was
stopped and puts its result into docs/operations.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import random
import re
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "operations"))
sys.path.insert(0, str(Path(__file__).parent))

from harness import mandate, market, proposal, sessions, weights_of
from kis_desk import SetForward
from rest_sweep import PROCEEDS, QUESTIONS, Account
from venues import ADAPTERS, Adapter

import jeoul
from jeoul import api
from jeoul.operations.desk.protocol import STEPS
from jeoul.operations.ledger import check, ledger_of, portfolio
from jeoul.operations.run import Runner, RunRequest

ROOT = Path(__file__).parents[2]
COVERED = (
    "engine/jeoul/operations",
    *(f"tests/faults/{name}.py" for name in ("rest_life", "rest_sweep", "harness")),
    *(f"tests/operations/{name}.py" for name in ("loopback", "truth", "venues", "kis_desk")),
    *(f"tests/operations/{kind}_server.py" for kind in ("kis", "kiwoom", "toss")),
    "tests/operations/kis_venue.py",
)
EVENTS = ("run", "crash", "bad line", "deposit", "withdrawal", "by hand", "second plan", "clock")
SESSIONS = 3
MARKED = re.compile(r"(<!-- rest lives -->\n).*?(<!-- /rest lives -->)", re.DOTALL)


class Crash(BaseException):
    """The process ends here: nothing after it happens."""


class Life(Account):  # type: ignore[misc]
    """One account through a few sessions, in one process whose runs may end anywhere."""

    def __init__(
        self,
        adapter: Adapter,
        venue: Any,
        folder: Path,
        draw: random.Random,
        proceeds: str = "settled",
    ) -> None:
        super().__init__(adapter, venue, folder, draw, proceeds)
        self.clock = SetForward(self.host)
        self.happened: Counter[str] = Counter()
        self.by_hand: Counter[tuple[str, str, str]] = Counter()

    def live(self) -> list[str]:
        """Live; return what was wrong at the end of it."""
        for day in sessions()[self.draw.randrange(20) :][:SESSIONS]:
            self.clock.ahead = 0.0
            self.begin(day)
            for _ in range(self.draw.randint(1, 3)):
                self.event(self.draw.choice(EVENTS))
                if self.draw.random() < 0.5:
                    self.fill_some(0.5)
                self.clock.wait(self.draw.choice((1.0, 60.0, 300.0, 900.0)))
            wrong = self.twice()
            if wrong:
                return wrong
        return self.rest()

    def event(self, name: str) -> None:
        """Let one thing happen, and a run after whatever is not a run."""
        self.happened[name] += 1
        self.truth.faults = []
        step = None
        if name == "crash":
            step = self.draw.choice(STEPS)
        elif name == "bad line":
            self.truth.faults = [
                self.draw.choice(
                    ("silent-before", "silent-after", "garbled", "unclear", "too-fast", "")
                )
                for _ in range(4)
            ]
            self.truth.faults.append(self.draw.choice(QUESTIONS))
        elif name == "deposit":
            self._move(self.draw.randint(1, 3_000_000))
        elif name == "withdrawal":
            self._move(-self.draw.randint(1, min(300_000, max(self.truth.deposits[2] // 4, 1))))
        elif name == "by hand":
            self._trade_by_hand()
        elif name == "second plan":
            self.plan = proposal(self.day, weights_of(self.draw))
        elif name == "clock":
            self.clock.ahead += 3_600.0
        self.once(step)

    def once(self, step: str | None, *, adopt: bool = False) -> str:
        """Run once; return the outcome, ``died`` for a process that did."""
        left = [self.draw.randint(1, 2)]

        def checkpoint(reached: str) -> None:
            left[0] -= reached == step
            if left[0] == 0 and step is not None:
                raise Crash

        broker = self.adapter.connect(self.venue, self.state, self.clock, visibility=30.0)
        self.truth.now = self.host.now
        runner = Runner(
            self.config, mandate(), market(), api.calendars(), self.clock, broker=broker
        )
        runner.proposer, runner.keep_inputs = lambda _: self.plan, False
        runner.checkpoint = checkpoint
        try:
            with closing(broker):
                return str(
                    runner.run(RunRequest(as_of=self.day, execute=True, adopt=adopt)).outcome
                )
        except Crash:
            self.died[str(step)] += 1
            return "died"

    def _move(self, amount: int) -> None:
        self.truth.deposits = [each + amount for each in self.truth.deposits]

    def _trade_by_hand(self) -> None:
        """Somebody buys a share on the broker's own screen, and it is filled at once."""
        self.truth.by_hand("BUY", "069500", 1, 10_000)
        number, left, _ = self.truth.waiting()[-1]
        self.truth.fill(number, left, 10_000)
        self.by_hand[self.truth.today, "BUY", "069500"] += 1

    def twice(self) -> list[str]:
        """Return the orders of a session that arrived more often than they were decided."""
        with closing(ledger_of(self.config)) as ledger:
            rows = ledger.rows(
                "SELECT i.side, i.ticker, r.executed FROM intents i JOIN runs r USING (run_id)"
            )
            found = list(check(ledger).faults)
        wanted = Counter((r["executed"].replace("-", ""), r["side"], r["ticker"]) for r in rows)
        arrived = Counter(self.truth.arrived()) - self.by_hand
        return found + [
            f"{key}: {count} arrived, {wanted[key]} decided"
            for key, count in arrived.items()
            if count > wanted[key]
        ]

    def rest(self) -> list[str]:
        """Bring everything to rest; return what is wrong, or that a person is still asked."""
        self.truth.list_lag = self.truth.balance_lag = 0.0
        self.fill_some(1.0)
        self.clock.ahead = 0.0
        self.begin(sessions()[sessions().index(self.day) + 1])
        (self.state / "STOP").touch()
        self.once(None, adopt=True)
        outcome = self.once(None, adopt=True)
        found = self.twice()
        with closing(ledger_of(self.config)) as ledger:
            books = portfolio(ledger, "KRW")
        held = {code: count for code, count in self.truth.holdings.items() if count}
        asked = outcome == "needs_person"
        self.happened["a person was asked at the end"] += asked
        if not asked and (dict(books.shares), books.money) != (held, self.truth.deposits[2]):
            found.append(f"books {dict(books.shares)} {books.money}, broker {held} "
                         f"{self.truth.deposits[2]} after {outcome}")  # fmt: skip
        return found


def live(adapter: Adapter, seed: int) -> dict[str, Any]:
    """Return what one life came to, as JSON values."""
    draw = random.Random(seed)
    with (
        adapter.server.running(draw.choice(adapter.modes)) as venue,
        tempfile.TemporaryDirectory() as folder,
    ):
        life = Life(adapter, venue, Path(folder), draw, PROCEEDS[seed % 2])
        wrong = life.live()
    return {
        "broker": adapter.kind,
        "seed": seed,
        "wrong": wrong,
        "died": sum(life.died.values()),
        "orders": len(life.truth.sent()),
        "events": dict(life.happened),
    }


def as_markdown(found: list[dict[str, Any]]) -> str:
    """Return the result as a table, a column for each broker."""
    kinds = [adapter.kind for adapter in ADAPTERS]
    of = {kind: [each for each in found if each["broker"] == kind] for kind in kinds}
    asked = "a person was asked at the end"

    def row(name: str, count: Any) -> str:
        return f"| {name} | " + " | ".join(f"{count(of[kind]):,}" for kind in kinds) + " |"

    lines = ["| | " + " | ".join(kinds) + " |", "|---|" + "---|" * len(kinds)]
    lines.append(row("lives", len))
    lines += [
        row(event, lambda lives, e=event: sum(x["events"].get(e, 0) for x in lives))
        for event in (*EVENTS, asked)
    ]
    lines.append(row("runs that died at a step", lambda lives: sum(x["died"] for x in lives)))
    lines.append(row("orders that arrived", lambda lives: sum(x["orders"] for x in lives)))
    lines.append(row("**broken rules**", lambda lives: sum(len(x["wrong"]) for x in lives)))
    last = f"jeoul {jeoul.__version__}, Python {platform.python_version()}"
    return "\n".join([*lines, "", f"{last}; SHA-256 of the sources covered `{sources()[:16]}`", ""])


def sources() -> str:
    """Return the SHA-256 of the sources that a result speaks of."""
    digest = hashlib.sha256()
    for name in COVERED:
        place = ROOT / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="go on where this file ends")
    parser.add_argument("--write", action="store_true", help="write the result into docs/")
    options = parser.parse_args()
    known: list[dict[str, Any]] = []
    if options.out is not None:
        options.out.touch()
        known = [json.loads(line) for line in options.out.read_text("utf-8").splitlines()]
    for number in range(len(known), options.lives):
        one = live(ADAPTERS[number % len(ADAPTERS)], options.seed * 1_000_000 + number)
        known.append(one)
        if options.out is not None:
            with options.out.open("a", encoding="utf-8") as target:
                target.write(json.dumps(one, ensure_ascii=False) + "\n")
        for fault in one["wrong"]:
            sys.stderr.write(f"{one['broker']} {one['seed']}: {fault}\n")
    sys.stdout.write(as_markdown(known))
    if options.write:
        page = ROOT / "docs" / "operations.md"
        text = MARKED.sub(lambda f: f[1] + as_markdown(known) + f[2], page.read_text("utf-8"))
        page.write_text(text, "utf-8")
    return 1 if any(one["wrong"] for one in known) else 0


if __name__ == "__main__":
    sys.exit(main())
