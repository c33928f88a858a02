"""Sources without a vendor behind them, for the processes of a pool."""

from __future__ import annotations

import os
import time
from datetime import date
from typing import Any

from jeoul.market.raw.answer import LEVEL, Fetched, VendorRow
from jeoul.market.sources.errors import NetworkRefused, RateLimited, VendorBroken


class Puppet:
    """Does what the symbol says; a try is remembered in a file, as a process may be killed."""

    def __init__(self, notes: Any) -> None:
        self.notes = notes

    def fetch(self, request: Any) -> Any:
        with (self.notes / request.symbol).open("a") as file:
            file.write(f"{time.monotonic()}\n")
        tries = len((self.notes / request.symbol).read_text().splitlines())
        kind, _, count = request.symbol.partition("-")
        if kind == "die":
            os._exit(1)
        if kind == "exit":
            raise SystemExit
        if kind == "sleep":
            time.sleep(60)
        if kind == "bug":
            raise ZeroDivisionError
        if kind == "refused":
            raise NetworkRefused("puppet", request.symbol, "no connection")
        if kind == "broken" and tries <= int(count):
            raise VendorBroken("puppet", request.symbol, "out of order")
        if kind == "limited" and tries <= int(count):
            raise RateLimited("puppet", request.symbol, "asked too often")
        return Fetched(LEVEL, (VendorRow(date(2024, 6, 28), 1.0),))


def connect(notes: Any) -> Any:
    return Puppet(notes)
