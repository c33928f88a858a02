"""Write the simulated market folder."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from jeoul.market.calendars import load_calendar
from sample import files, script
from sample.factors import Days, simulate


def sessions(name: str) -> Days:
    days = load_calendar(name).sessions
    return np.asarray(days[(days >= script.FIRST) & (days <= script.LAST)])


def main() -> None:
    checkout = Path(__file__).resolve().parents[3]
    parser = argparse.ArgumentParser(prog="sample", description=__doc__)
    parser.add_argument("--out", type=Path, default=checkout / "data" / "sample")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    files.write(simulate(sessions("XNYS"), sessions("XKRX")), out)


if __name__ == "__main__":
    main()
