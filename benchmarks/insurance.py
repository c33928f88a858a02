"""What the insurances gave up and saved, with the target rule of 0.1.0 and with today's.

    python benchmarks/insurance.py [--json]

With the target rule of 0.1.0 nothing is taken off proxies, and where no weights meet the volatility
ceiling, the bands give way by the least that meets it, as it was then.

Over the real data that JEOUL_MARKET names, averaged over three profiles of `managed` and
`managed-us`, each way over the very same allocations: the return given up a year against simply
holding, that as a share of the default's, the part of the default's smaller fall that was kept (the
largest fall, 2008, 2020), and the return in six quick recoveries less that of holding.
"""

import json
import os
import sys
from contextlib import contextmanager

from jeoul import api
from jeoul.allocate.solver import fast, reference
from jeoul.market import assemble
from jeoul.pipeline.former import former
from jeoul.research.evidence import evidence
from jeoul.research.evidence_strategies import LIGHT, LITERAL
from jeoul.research.insurance import insurances
from jeoul.research.proxy_gap import uncharged

SEED = 1  # of intervals that are not printed
PROFILES = ("conservative", "balanced", "growth")

NO_ROOM = 1e-9  # what bands gave way beyond the least before model 3; 0 leaves a solver no interior


@contextmanager
def before_model_3():
    """Let the bands of a month that cannot meet its ceiling give way by the least alone."""
    modules = (fast, reference)
    room = [module.YIELD_ROOM for module in modules]
    for module in modules:
        module.YIELD_ROOM = NO_ROOM
    try:
        yield
    finally:
        for module, before in zip(modules, room, strict=True):
            module.YIELD_ROOM = before


def measured(rule, *, charged=True):
    """Return a row for every way under one target rule, as JSON values."""
    market = api.open_market(os.environ["JEOUL_MARKET"])
    tables = []
    for name in ("managed", "managed-us"):
        strategy = rule(api.load_strategy(name))
        snapshot = market.as_of(market.last_session(strategy.calendar), strategy.calendar)
        mandates = [api.mandate(strategy, profile) for profile in PROFILES]
        universe = mandates[0].universe
        paying = universe if charged else uncharged(universe)
        history = assemble(snapshot, paying, api.calendars())
        literal, light = api.load_strategy(LITERAL), api.load_strategy(LIGHT)
        tables.append(evidence(strategy, literal, mandates, history, seed=SEED, light=light))
    return [
        {
            "way": row.way, "given_up": row.given_up, "share": row.share,
            "kept": dict(row.kept), "recoveries": row.recoveries,
        }
        for row in insurances(tables)
    ]  # fmt: skip


def main():
    with before_model_3():
        first = measured(former, charged=False)
    found = {"0.1.0": first, "0.2.0": measured(lambda strategy: strategy)}
    if "--json" in sys.argv:
        print(json.dumps(found))
        return
    for name, rows in found.items():
        for row in rows:
            kept = " / ".join(f"{100 * share:.0f}" for share in row["kept"].values())
            print(
                f"{name}  {row['way']:16} given up {100 * row['given_up']:5.2f} points "
                f"({100 * row['share']:4.0f} %)  kept {kept:14}  "
                f"recoveries {100 * row['recoveries']:+.2f}"
            )


if __name__ == "__main__":
    main()
