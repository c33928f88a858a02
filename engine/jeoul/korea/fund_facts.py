"""What the words of the exchange's list say of a fund, worked out field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jeoul.korea.fund import FundFact, ListRow, SourcePage

MULTIPLES = {"일반": 1, "2X 레버리지": 2, "1X 인버스": -1, "2X 인버스": -2}
SYNTHETIC = "합성"
DERIVATIVE = "파생"
# The exchange rules that names of these kinds say whether they are hedged.
_NAMED_HEDGE = (
    "주식",
    "채권",
    "원자재",
)
_MARKS = {"covered_call": "커버드콜", "futures": "선물", "tdf": "TDF"}


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme: its name in both languages, and the words of a fund's name or index that make it."""

    id: str
    name: Mapping[str, str]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListReading:
    """How the list is read: its page, the words of places, themes and factors, and the rules.

    ``rules`` are what follows from the words and the page that says so, by name.
    """

    page: SourcePage
    places: Mapping[str, tuple[str, ...]]
    themes: Sequence[Theme]
    smart_beta: tuple[str, ...]
    rules: Mapping[str, FundFact]


def facts_of(row: ListRow, reading: ListReading) -> dict[str, FundFact]:
    """Return the facts that the list alone gives about a fund, by field.

    What the words do not decide is an unconfirmed :class:`~jeoul.korea.fund.FundFact`.
    """
    page = reading.page
    features = features_of(row)
    return {
        "name": FundFact(row.name, page, row.name),
        "former": FundFact(),
        "brand": FundFact(row.name.split()[0], page, row.name),
        "manager": FundFact(row.manager, page, row.manager),
        "index": FundFact(row.index, page, row.index),
        "class": _fact(class_of(row, reading), page, f"{row.market} · {row.asset} · {row.legal}"),
        "themes": _themes(row, reading),
        "style": _style(row, reading),
        "multiple": _fact(MULTIPLES.get(row.multiple), page, row.multiple),
        "features": FundFact(features, page, f"{row.name} · {row.multiple} · {row.method}"),
        "hedge": _hedge(row, reading),
        "fee": FundFact(Decimal(row.fee) / 100, page, row.fee),
        "tax": _fact(tax_of(row), page, row.tax),
        "irp": pension_class(row, reading.rules),
        "distribution": FundFact(),
        "listed": FundFact(date.fromisoformat(row.listed), page, row.listed),
    }


def features_of(row: ListRow) -> tuple[str, ...]:
    """Return what a fund does beside holding its index: gearing, options, futures, swaps."""
    multiple = MULTIPLES.get(row.multiple, 1)
    found = [name for name, mark in _MARKS.items() if mark in row.name]
    if SYNTHETIC in row.method:
        found.append("synthetic")
    if multiple < 0:
        found.insert(0, "inverse")
    if abs(multiple) > 1:
        found.insert(0, "leveraged")
    return tuple(found)


def tax_of(row: ListRow) -> str | None:
    """Return how a gain on the exchange is taxed: untaxed, or by the holding period."""
    if row.tax.startswith("비과세"):
        return "kr_equity_etf"
    return "krx_other_etf" if row.tax.startswith("배당소득세") else None


def class_of(row: ListRow, reading: ListReading) -> str | None:
    """Return the asset class of a fund, None where the words leave it open."""
    if "TDF" in row.name:
        return "tdf"
    by_asset = {"주식": _shares, "채권": _bonds, "혼합자산": _mixed, "기타": _rates}
    if row.asset in by_asset:
        return by_asset[row.asset](row, reading)
    if row.asset == "원자재":
        return "gold" if "금" in row.legal.partition("특별자산")[2] and _gold(row) else "commodity"
    return {"통화": "currency", "부동산": "reit"}.get(row.asset)


def _gold(row: ListRow) -> bool:
    return any(word in row.name for word in ("금", "골드")) and "금은" not in row.name


def _shares(row: ListRow, reading: ListReading) -> str | None:
    if row.market == "국내":
        return "equity_kr"
    place = place_of(row, reading)
    if row.market != "해외":
        return "equity_world"
    return None if place is None else f"equity_{place}"


def _bonds(row: ListRow, reading: ListReading) -> str | None:
    if any(word in row.name for word in ("머니마켓", "CD금리", "KOFR", "초단기")):
        return "cash_like" if row.market == "국내" else "usd_short"
    if row.market == "국내":
        return "krw_bond"
    return "us_bond" if place_of(row, reading) == "us" else "world_bond"


def _mixed(row: ListRow, _: ListReading) -> str | None:
    return "bond_mixed" if "채권혼합" in row.legal else "allocation"


def _rates(row: ListRow, reading: ListReading) -> str | None:
    if "금리" not in row.name:
        return None
    return "usd_short" if place_of(row, reading) == "us" else "cash_like"


def place_of(row: ListRow, reading: ListReading) -> str | None:
    """Return the place that a fund's name or index says, the first that matches."""
    text = f"{row.name} {row.index}"
    return next(
        (place for place, words in reading.places.items() if any(w in text for w in words)), None
    )


def pension_class(row: ListRow, rules: Mapping[str, FundFact]) -> FundFact:
    """Return how an IRP or DC counts a fund, as far as the words of the list decide it.

    Geared funds and funds of futures are barred; what is not a fund of securities, or holds shares,
    is a risk asset; bonds, and a mix of them without derivatives, are safe. A fund with other
    derivatives, of other funds, or of bonds below investment grade stays unconfirmed.
    """
    derivative, synthetic = DERIVATIVE in row.legal, SYNTHETIC in row.method
    body = row.legal.partition("투자")[2]
    tests = {
        "geared": row.multiple != "일반",
        "futures": "선물" in row.name and not synthetic,
        "not_a_security": not row.legal.startswith("증권") and (synthetic or not derivative),
        "shares": any(mark in body for mark in ("(주식", "[주식"))
        and "주식혼합" not in body
        and (synthetic or not derivative),
        "bonds": any(mark in body for mark in ("(채권", "[채권"))
        and not derivative
        and "하이일드" not in row.name,
    }
    for name, holds in tests.items():
        if holds:
            rule = rules[name]
            return FundFact(rule.value, rule.page, f"{rule.words} · {row.legal}")
    return FundFact()


def _themes(row: ListRow, reading: ListReading) -> FundFact:
    text = f"{row.name} {row.index}"
    found = tuple(t.id for t in reading.themes if any(word in text for word in t.words))
    return FundFact(found, reading.page, text)


def _style(row: ListRow, reading: ListReading) -> FundFact:
    if "액티브" in row.method:
        return FundFact("active", reading.page, row.method)
    text = f"{row.name} {row.index}"
    factor = next((word for word in reading.smart_beta if word in text), None)
    if factor is not None and row.asset == "주식" and "커버드콜" not in text:
        return FundFact("smart_beta", reading.page, f"{row.method} · {factor}")
    return FundFact("passive", reading.page, row.method)


def _hedge(row: ListRow, reading: ListReading) -> FundFact:
    if row.market == "국내":
        return FundFact("none", reading.page, row.market)
    if "H)" in row.name:
        return FundFact("hedged", reading.page, row.name)
    if row.market != "해외" or row.asset not in _NAMED_HEDGE:
        return FundFact()
    rule = reading.rules["unhedged"]
    return FundFact("unhedged", rule.page, f"{rule.words} · {row.name}")


def _fact(value: object, page: SourcePage, words: str) -> FundFact:
    return FundFact() if value is None else FundFact(value, page, words)
