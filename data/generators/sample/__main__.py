"""Write the simulated market folder."""

from __future__ import annotations

import argparse
from pathlib import Path

import exchange_calendars
import numpy as np

from sample import files, script
from sample.factors import Days, simulate


def sessions(name: str) -> Days:
    calendar = exchange_calendars.get_calendar(name, start="1996-01-01")
    return calendar.sessions_in_range(str(script.FIRST), str(script.LAST)).to_numpy().astype("datetime64[D]")


def main() -> None:
    checkout = Path(__file__).resolve().parents[3]
    parser = argparse.ArgumentParser(prog="sample", description=__doc__)
    parser.add_argument("--out", type=Path, default=checkout / "data" / "sample")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    files.write(simulate(sessions("XNYS"), sessions("XKRX")), out)


if __name__ == "__main__":
    main()
