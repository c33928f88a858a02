"""The models behind a household's targets along a market: when they trade, what they watch."""

from __future__ import annotations

from datetime import date

from jeoul.household.gathering.aims import aims_in, masked
from jeoul.household.gathering.inputs import HouseholdInputs
from jeoul.household.written.file import HouseholdFile
from jeoul.market import Market, assemble
from jeoul.market.calendars import load_calendar
from jeoul.model.instrument import AccountKind
from jeoul.pipeline import Mandate, Model, run_model


def models_of(
    file: HouseholdFile, inputs: HouseholdInputs, market: Market, until: date
) -> tuple[Model, ...]:
    """Return the model of every target and profile from its beginning to a session.

    They are those that :func:`~jeoul.household.gathering.targets.wanted_by` asks, but for the
    grades that an investor's type may hold: these change no date and no latch.
    """
    calendars = {name: load_calendar(name) for name in ("XKRX", "XNYS")}
    snapshot = market.as_of(until)
    found = []
    for members in aims_in(file).values():
        universe = masked(file, inputs, members)
        history = assemble(snapshot, universe, calendars)
        for profile in dict.fromkeys(inputs.investors[name].profile for name in members.people):
            strategy = inputs.strategies[members.people[0]]
            mandate = Mandate(
                strategy=strategy,
                profile=profile,
                account=AccountKind.GENERAL,
                universe=universe,
                risk_cap=None,
            )
            found.append(run_model(mandate, history))
    return tuple(found)
