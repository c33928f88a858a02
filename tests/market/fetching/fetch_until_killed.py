"""A fetch in a process of its own, for a test that kills it: PORT FOLDER SYMBOL..."""

import random
import sys
from functools import partial
from pathlib import Path

if __name__ == "__main__":
    import vendor

    from jeoul.market.cache.store import RawStore
    from jeoul.market.calendars import load_calendar
    from jeoul.market.fetching.plan import read_plan
    from jeoul.market.fetching.pool import Manners, RequestPool
    from jeoul.market.fetching.run import Fetching
    from jeoul.market.sources.port import SourcePlace

    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    place = SourcePlace(folder / "state", folder, timeout=20.0)
    calendars = {name: load_calendar(name) for name in ("XKRX", "XNYS")}
    manners = Manners(at_once=1, interval=0.0, attempts=1, deadline=60.0)
    with (
        RawStore(folder / "raw.sqlite3") as store,
        RequestPool(
            {"yahoo": partial(vendor.yahoo, place, port)},
            {"yahoo": manners},
            chance=random.Random(1),
        ) as pool,
    ):
        fetching = Fetching(read_plan(folder / "plan.toml"), store, calendars, lambda: 1719800000)
        for outcome in fetching.run(pool.ask):
            print(outcome.name, outcome.error or "stored", flush=True)  # noqa: T201  the test reads it
