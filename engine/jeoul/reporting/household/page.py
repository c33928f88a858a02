"""One self-contained HTML page for a household's plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from jeoul.reporting.charts.figure import Figure
from jeoul.reporting.charts.rows import BarRow, Piece, colours, row_chart
from jeoul.reporting.household.facts import Exposure, HouseholdAccountFacts, HouseholdFacts
from jeoul.reporting.household.words import HouseholdWords
from jeoul.reporting.pages import PageHead, page_view, render_page
from jeoul.reporting.templating import checked_language
from jeoul.reporting.views import finding_groups, whole_percent


def render_household(facts: HouseholdFacts, language: str) -> str:
    """Return a household's plan as one HTML page in ``ko`` or ``en``: same facts, same bytes.

    Like a report it loads nothing. Raises :class:`~jeoul.errors.UsageError` for another language.
    """
    head = _head(facts, language)
    return render_page("household/page.html.j2", head, "household_page", **_shown(facts, language))


def household_view(facts: HouseholdFacts, language: str) -> dict[str, object]:
    """Return what the templates of a household's page read."""
    return page_view(_head(facts, language), "household_page", **_shown(facts, language))


def _head(facts: HouseholdFacts, language: str) -> PageHead:
    words = HouseholdWords(facts, checked_language(language))
    return PageHead(
        language=language,
        kind=words.say("kind"),
        title=facts.title,
        simulated=facts.simulated,
        day=facts.as_of,
        meta=(
            (words.won.say("report.as_of"), facts.as_of.isoformat()),
            ("", words.say("worth", value=words.won.money(facts.value))),
            ("", words.say("account_count", count=len(facts.accounts))),
            (words.say("strategy"), facts.strategy),
        ),
        notes=[note.into(language) for note in facts.notes],
    )


def _shown(facts: HouseholdFacts, language: str) -> dict[str, object]:
    words = HouseholdWords(facts, checked_language(language))
    return {
        "facts": facts,
        "f": words.won,
        "w": words,
        "elsewhere": {each.account: each for each in facts.answers.elsewhere},
        "colours": colours(facts.classes),
        "charts": {"household": household_chart(words), "accounts": accounts_chart(words)},
        "groups": finding_groups(facts.findings, words.won),
    }


def household_chart(words: HouseholdWords) -> Figure:
    """Return bars of the household's classes: the target, before and after."""
    exposures = words.facts.exposures
    rows = [
        BarRow(words.say(name), "", _pieces(words, {k.key: share[place] for k, share in exposures}))
        for place, name in enumerate(Exposure._fields)
    ]
    return _weights_chart(words, "exposure_chart", rows)


def accounts_chart(words: HouseholdWords) -> Figure:
    """Return a bar for each account that has money: its classes after, a thin one before."""
    rows = [
        BarRow(
            words.into(account.title),
            words.won.money(account.after),
            _pieces(words, _weights(account, "after")),
            before=_pieces(words, _weights(account, "before")),
        )
        for account in words.facts.accounts
        if account.before > 0 or account.after > 0
    ]
    return _weights_chart(words, "accounts_chart", rows)


def _weights_chart(words: HouseholdWords, caption: str, rows: Sequence[BarRow]) -> Figure:
    text = words.won.percent
    return row_chart(words.say(caption), rows, text, inside=whole_percent, whole=1.0)


def _pieces(words: HouseholdWords, weights: dict[str, float]) -> Sequence[Piece]:
    styles = colours(words.facts.classes)
    return [
        Piece(styles[item.key], words.into(item.name), weights[item.key])
        for item in words.facts.classes
        if weights.get(item.key)
    ]


def _weights(account: HouseholdAccountFacts, when: str) -> dict[str, float]:
    """Return the weights of the classes in an account; {} for one without money."""
    total = account.before if when == "before" else account.after
    sums: dict[str, float] = defaultdict(float)
    for each in account.holdings:
        sums[each.asset_class] += each.before if when == "before" else each.after
    return {name: won / total for name, won in sums.items()} if total > 0 else {}
