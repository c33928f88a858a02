"""One self-contained HTML page for a household's plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from jeoul.reporting.bars import Pair, Piece, colours, paired_bars, stacked_bars
from jeoul.reporting.font import font_faces
from jeoul.reporting.household.facts import Exposure, HouseholdAccount, HouseholdFacts
from jeoul.reporting.household.words import Words
from jeoul.reporting.templating import checked_language, environment, speaker
from jeoul.reporting.views import finding_groups


def render_household(facts: HouseholdFacts, language: str) -> str:
    """Return a household's plan as one HTML page in ``ko`` or ``en``: same facts, same bytes.

    Like a report it loads nothing. Raises :class:`~jeoul.errors.UsageError` for another language.
    """
    page = (
        environment()
        .get_template("household/page.html.j2")
        .render(household_view(facts, language) | {"fonts": "/*fonts*/"})
    )
    return page.replace("/*fonts*/", font_faces(page), 1)


def household_view(facts: HouseholdFacts, language: str) -> dict[str, Any]:
    """Return what the templates of a household read: its facts, their words and charts."""
    words = Words(facts, checked_language(language))
    return {
        "facts": facts,
        "lang": language,
        "f": words.won,
        "w": words,
        "t": speaker(language, "household_page"),
        "elsewhere": {each.account: each for each in facts.answers.elsewhere},
        "colours": colours(facts.classes),
        "charts": {"household": household_chart(words), "accounts": accounts_chart(words)},
        "groups": finding_groups(facts.findings, words.won),
    }


def household_chart(words: Words) -> str:
    """Return bars of the household's classes: the target, before and after."""
    rows = words.facts.exposures
    stacks = [
        (words.say(name), _pieces(words, {item.key: share[place] for item, share in rows}))
        for place, name in enumerate(Exposure._fields)
    ]
    return stacked_bars(stacks, words.say("exposure_chart"))


def accounts_chart(words: Words) -> str:
    """Return a pair of bars for each account that has money: its classes before and after."""
    pairs = [
        Pair(
            name=words.into(account.title),
            figure=words.won.money(account.after),
            before=_pieces(words, _weights(account, "before")),
            after=_pieces(words, _weights(account, "after")),
        )
        for account in words.facts.accounts
        if account.before > 0 or account.after > 0
    ]
    return paired_bars(pairs, words.say("accounts_chart"))


def _pieces(words: Words, weights: dict[str, float]) -> Sequence[Piece]:
    styles = colours(words.facts.classes)
    return [
        Piece(styles[item.key], words.into(item.name), weights[item.key])
        for item in words.facts.classes
        if weights.get(item.key)
    ]


def _weights(account: HouseholdAccount, when: str) -> dict[str, float]:
    """Return the weights of the classes in an account; {} for one without money."""
    total = account.before if when == "before" else account.after
    sums: dict[str, float] = defaultdict(float)
    for each in account.holdings:
        sums[each.asset_class] += each.before if when == "before" else each.after
    return {name: won / total for name, won in sums.items()} if total > 0 else {}
