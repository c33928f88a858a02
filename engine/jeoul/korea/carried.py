"""Rules in another year than their own: what is carried over says so, what has ended is gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from jeoul.korea.rulebook import Fact, Rulebook


def carried_over(base: Rulebook, own: Mapping[str, Fact], year: int) -> Mapping[str, Fact]:
    """Return the facts of a year: its own, and those of an earlier year where it has none.

    A fact that is carried over names the year it was written for, and is at most of confidence M:
    a law may still be passed that changes it. It is not carried beyond its own ``until``.

    >>> from jeoul.korea.tables import load_rules
    >>> facts = carried_over(load_rules(2026), {}, 2027)
    >>> facts["isa.rate"].carried, facts["isa.rate"].confidence
    (2026, 'M')
    """
    old = {
        key: replace(
            fact,
            carried=fact.carried or base.year,
            confidence="M" if fact.confidence == "H" else fact.confidence,
        )
        for key, fact in base.facts.items()
        if key in own or not _is_over(fact, year)
    }
    return {**old, **own}


def ended(base: Rulebook, own: Mapping[str, Fact], year: int) -> Mapping[str, Fact]:
    """Return the facts of an earlier year that have run out, and that nothing replaces.

    >>> from jeoul.korea.tables import load_rules
    >>> sorted(key for key in ended(load_rules(2026), {}, 2027) if key.startswith("us."))
    ['us.fx_hedge', 'us.return_account']
    """
    gone = {key: f for key, f in base.facts.items() if key not in own and _is_over(f, year)}
    return {**{key: fact for key, fact in base.ended.items() if key not in own}, **gone}


def in_year(base: Rulebook, year: int) -> Rulebook:
    """Return the rules of one year used for another, which has no table: all of them carried over.

    >>> from jeoul.korea.tables import load_rules
    >>> book = in_year(load_rules(2026), 2028)
    >>> book.year, book.rules_of
    (2028, 2026)
    """
    return replace(
        base,
        year=year,
        rules_of=base.year,
        facts=carried_over(base, {}, year),
        ended=ended(base, {}, year),
    )


def _is_over(fact: Fact, year: int) -> bool:
    return fact.until is not None and fact.until < date(year, 1, 1)
