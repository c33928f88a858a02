"""The letter of a quarter, from its statement and the accounts behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from jeoul.market import Market
from jeoul.messages import LANGUAGES
from jeoul.model.calendar import Days
from jeoul.model.instrument import Universe
from jeoul.model.quarter import Quarter
from jeoul.operations.letter.composition import (
    costs_of,
    holdings_on,
    parts_by,
    traded_in,
    trades_of,
)
from jeoul.operations.letter.managed import changed_rules, managed_account
from jeoul.operations.letter.members import LetterAccount, LetterSecurities
from jeoul.operations.testbed.measured import Measures, ledger_paths
from jeoul.pipeline.wording import class_name
from jeoul.reporting.facts import AssetClass
from jeoul.reporting.letter.facts import Changed, LetterFacts, LetterPart
from jeoul.reporting.statement.facts import StatementFacts
from jeoul.reporting.text import Text

_OWN = {"cash": "facts.class_cash", "other": "letter.class_other"}
_CURRENCIES = ("KRW", "USD", "MULTI", "UNKNOWN")


def letter_of(
    members: Sequence[LetterAccount],
    statement: StatementFacts,
    quarter: Quarter,
    *,
    market: Market,
    sessions: Days,
    measures: Measures,
    universes: Sequence[Universe],
) -> LetterFacts:
    """Return the letter of a quarter; ``statement`` is that of the same days and accounts.

    ``sessions`` are those of the quarter, ``universes`` those of the accounts. Nothing is written.
    """
    end: date = sessions[-1].astype(object)
    days = quarter.first - timedelta(days=1), end
    instruments = {code: i for universe in universes for code, i in universe.instruments.items()}
    securities, series = LetterSecurities(instruments), market.series
    begun = [member for member in members if member.course.first <= end]
    by_class = parts_by(
        begun,
        days,
        series,
        lambda _, code: securities.asset_class(code),
        lambda key: class_text(key, universes),
    )
    by_currency = parts_by(
        begun,
        days,
        series,
        lambda member, code: securities.currency(code, member.course.currency),
        _currency_text,
    )
    lived = sessions[sessions >= np.datetime64(min(each.course.first for each in begun))]
    whole = all(each.course.first < quarter.first for each in begun)
    costs = costs_of(begun, lived, statement.figures.costs, series, securities, whole=whole)
    traded = traded_in(begun, quarter.first, end, series, securities)
    audited = [(each.id, each.audited) for each in begun if each.audited is not None]
    classes = _classes(by_class, universes, begun)
    order = [item.key for item in classes]
    paths = {path.name: path for path in ledger_paths([own for _, own in audited], measures)}
    return LetterFacts(
        quarter=str(quarter),
        statement=statement,
        managed=tuple(
            managed_account(name, own, paths[own.name], quarter) for name, own in audited
        ),
        classes=classes,
        by_class=tuple(sorted(by_class, key=lambda part: order.index(part.key))),
        by_currency=by_currency,
        holdings=holdings_on(begun, end, series, securities),
        costs=costs,
        trades=trades_of(traded, costs, lived, whole=whole),
        traded=traded,
        changed=tuple(_changed(begun)),
    )


def class_text(name: str, universes: Iterable[Universe]) -> Text:
    """Return what people call a class, as the first universe that has it says."""
    if name in _OWN:
        return Text.of(_OWN[name])
    own = next(each for each in universes if name in each.classes)
    return Text(*(class_name(own, name, language) for language in LANGUAGES))


def _currency_text(name: str) -> Text:
    return Text.of(f"letter.currency_{name.lower()}") if name in _CURRENCIES else Text(name, name)


def _classes(
    parts: Sequence[LetterPart], universes: Sequence[Universe], members: Sequence[LetterAccount]
) -> tuple[AssetClass, ...]:
    """Return the classes that occur, in the order of the universes, money last."""
    risky = {
        name
        for member in members
        if member.audited is not None and member.audited.mandate.strategy.overlay is not None
        for name in member.audited.mandate.strategy.overlay.risk_classes
    }
    known: Mapping[str, None] = dict.fromkeys(
        [name for universe in universes for name in universe.classes] + ["other", "cash"]
    )
    there = {part.key: part.name for part in parts}
    return tuple(
        AssetClass(key=name, name=there[name], risk=name in risky)
        for name in known
        if name in there
    )


def _changed(members: Sequence[LetterAccount]) -> Iterable[Changed]:
    for member in members:
        for change in () if member.audited is None else member.audited.changes:
            found = changed_rules(change, member.id)
            if found is not None:
                yield found
