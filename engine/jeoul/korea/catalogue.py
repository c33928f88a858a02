"""Search the catalogue of funds: words and filters in, ranked funds out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from jeoul.korea.catalogue_files import Catalogue
from jeoul.korea.fund import ListedFund, held_in
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.words import folded, stems

UNKNOWN = "unknown"
"""How a filter asks for the funds whose field nothing confirms."""

_CODE, _NAME, _OLD, _MEANT, _INDEX, _GROUP, _MANAGER = 1000, 100, 60, 40, 20, 15, 10
_LATIN = re.compile("[a-z]+")
_SHORT = 2  # letters up to which a Latin word has to be a whole word: "us" is not in "PLUS"


@dataclass(frozen=True, slots=True, kw_only=True)
class FundQuery:
    """What a fund must be: every word matches, and every filter that is given.

    ``fee_max`` is a yearly fraction; ``irp`` one of ``safe``, ``risk``, ``barred`` and ``unknown``.
    """

    words: str = ""
    account: str | None = None
    irp: str | None = None
    asset_class: str | None = None
    style: str | None = None
    fee_max: Decimal | None = None


def search(book: Rulebook, catalogue: Catalogue, wanted: FundQuery) -> tuple[ListedFund, ...]:
    """Return the funds that match, the closest first and the cheaper of equals before the dearer.

    Words are folded: spaces, letter case, width and Korean particles do not matter, and a fund is
    found by the brand and the names that it had before.

    >>> from jeoul.korea.catalogue_files import load_catalogue
    >>> from jeoul.korea.tables import load_rules
    >>> found = search(load_rules(2026), load_catalogue(), FundQuery(words="KBSTAR 200"))
    >>> found[0].text("name")
    'RISE 200'
    """
    words, accounts = _asked(wanted.words, catalogue)
    if wanted.account is not None:
        accounts = (*accounts, wanted.account)
    hits = [
        (score, fund)
        for fund in catalogue.funds.values()
        if _passes(book, fund, wanted, accounts)
        and (score := _score(fund, words, catalogue)) is not None
    ]
    return tuple(fund for _, fund in sorted(hits, key=lambda hit: (-hit[0], *_order(hit[1]))))


def _order(fund: ListedFund) -> tuple[object, ...]:
    fee = fund.value("fee")
    return (fee is None, fee if isinstance(fee, Decimal) else Decimal(0), fund.code)


def _passes(book: Rulebook, fund: ListedFund, wanted: FundQuery, accounts: Iterable[str]) -> bool:
    fee = fund.value("fee")
    return (
        all(held_in(book, fund, account) for account in accounts)
        and _is(fund, "irp", wanted.irp)
        and _is(fund, "class", wanted.asset_class)
        and _is(fund, "style", wanted.style)
        and (wanted.fee_max is None or (isinstance(fee, Decimal) and fee <= wanted.fee_max))
    )


def _is(fund: ListedFund, field: str, asked: str | None) -> bool:
    if asked is None:
        return True
    value = fund.value(field)
    return value is None if asked == UNKNOWN else value == asked


def _asked(text: str, catalogue: Catalogue) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words that a fund has to match, and the accounts that have to hold it."""
    noise = {folded(word) for word in catalogue.noise}
    words, accounts = [], []
    for word in _joined(text.split(), catalogue):
        forms = stems(word)
        account = next((_meant(catalogue, "account", form) for form in forms if form), None)
        if account is not None:
            accounts.append(account)
        elif forms[0] and not noise & set(forms):
            words.append(word)
    return tuple(words), tuple(accounts)


def _joined(words: list[str], catalogue: Catalogue) -> Iterator[str]:
    """Yield words, two neighbours as one where together they are a known word: ``covered call``."""
    known = {
        folded(form)
        for values in catalogue.words.values()
        for forms in values.values()
        for form in forms
    }
    skip = False
    for first, second in pairwise([*words, ""]):
        if skip:
            skip = False
            continue
        skip = bool(second) and any(stem in known for stem in stems(first + second))
        yield first + second if skip else first


def _meant(catalogue: Catalogue, field: str, form: str) -> str | None:
    """Return the value of a field that a word stands for, None where it stands for none."""
    for value, forms in catalogue.words[field].items():
        if form in {folded(each) for each in forms}:
            return value
    return None


def _score(fund: ListedFund, words: Iterable[str], catalogue: Catalogue) -> int | None:
    """Return how closely a fund matches all the words, None where one does not match."""
    texts = tuple(_texts(fund, catalogue))
    total = 0
    for word in words:
        best = max(_word_score(form, fund, texts, catalogue) for form in stems(word))
        if best == 0:
            return None
        total += best
    whole = folded(" ".join(words))
    names = (fund.text("name"), *fund.names("former"), *_old_names(fund))
    return total + (_CODE // 2 if whole and whole in map(folded, names) else 0)


def _word_score(
    word: str, fund: ListedFund, texts: Iterable[tuple[int, str]], catalogue: Catalogue
) -> int:
    if not word:
        return 0
    if word == folded(fund.code):
        return _CODE
    meant = max(
        (_MEANT for field in catalogue.words if _stands_for(fund, field, word, catalogue)),
        default=0,
    )
    return max([meant, *(weight for weight, text in texts if _contains(text, word))])


def _stands_for(fund: ListedFund, field: str, word: str, catalogue: Catalogue) -> bool:
    value = _meant(catalogue, field, word)
    if value is None or field == "account":
        return False
    return value in fund.names(field) or value == fund.value(field)


def _contains(text: str, word: str) -> bool:
    if len(word) == 1:  # "금" is gold, and not every 금리
        return word == folded(text)
    if word.isascii() and word.isalpha():
        if len(word) <= _SHORT:
            return word in text.casefold().split()
        return _begins(text, word)
    return word in folded(text)


def _begins(text: str, word: str) -> bool:
    """Return whether a Latin word begins a word of a text: "active" is not in "SOLACTIVE"."""
    words = _LATIN.findall(text.casefold())
    return any("".join(words[place:]).startswith(word) for place in range(len(words)))


def _texts(fund: ListedFund, catalogue: Catalogue) -> Iterator[tuple[int, str]]:
    """Yield the texts in which a word may be found, with what a find in them is worth."""
    yield _NAME, fund.text("name")
    for name in (*fund.names("former"), *_old_names(fund)):
        yield _OLD, name
    yield _INDEX, fund.text("index")
    yield _MANAGER, fund.text("manager")
    groups: list[Mapping[str, str]] = [catalogue.themes[name].name for name in fund.names("themes")]
    if fund.text("class"):
        groups.append(catalogue.classes[fund.text("class")])
    for group in groups:
        yield from ((_GROUP, name) for name in group.values())


def _old_names(fund: ListedFund) -> Iterator[str]:
    """Yield the name under each brand that the fund's brand had before."""
    rest = fund.text("name").partition(" ")[2]
    yield from (f"{alias} {rest}" for alias in fund.aliases)
