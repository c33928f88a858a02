"""Record series after series until killed: STORE."""

import sys
from datetime import date, timedelta
from pathlib import Path

if __name__ == "__main__":
    from jeoul.market.cache.store import RawStore
    from jeoul.market.raw.answer import LEVEL, Fetched, Payment, VendorRow
    from jeoul.market.raw.series import SeriesKey

    rows = tuple(VendorRow(date(2000, 1, 3) + timedelta(days=n), 1.0 + n) for n in range(3000))
    paid = tuple(Payment(row.day, 0.5) for row in rows[::50])
    with RawStore(Path(sys.argv[1])) as store:
        for number in range(10**6):
            store.record(SeriesKey("test", str(number)), Fetched(LEVEL, rows, paid), number)
            print(number, flush=True)  # noqa: T201  the test reads it
