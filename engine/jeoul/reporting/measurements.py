"""The daily measurements for people and as data: in reports, decisions, runs and statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from jeoul.messages import say
from jeoul.model.measurements import MarketLine, MeasuredSpan, Measurements, Observed
from jeoul.reporting.text import Text

_MOST_CAREFUL: tuple[MarketLine, ...] = ("reduced", "returning", "normal")


def measured_document(measured: Measurements) -> dict[str, Any]:
    """Return measurements as JSON values; what is not known is null.

    >>> measured_document(Measurements(risk_share=0.4))["risk_share"]
    0.4
    """
    return {
        "risk_share": measured.risk_share,
        "market_volatility": _observed(measured.market_volatility),
        "efficiency": measured.efficiency,
        "line": measured.line,
        "latches": list(measured.latches),
        "base_rate": _observed(measured.base_rate),
        "fed_funds": _observed(measured.fed_funds),
        "us_inflation": _observed(measured.us_inflation),
    }


def measured_from(stored: dict[str, Any]) -> Measurements:
    """Return measurements from what :func:`measured_document` made of them."""
    return Measurements(
        risk_share=stored["risk_share"],
        market_volatility=_observed_from(stored["market_volatility"]),
        efficiency=stored["efficiency"],
        line=stored["line"],
        latches=tuple(stored["latches"]),
        base_rate=_observed_from(stored["base_rate"]),
        fed_funds=_observed_from(stored["fed_funds"]),
        us_inflation=_observed_from(stored["us_inflation"]),
    )


def together(measured: Sequence[Measurements]) -> Measurements:
    """Return the measurements of several profiles whose line of the market is the most careful.

    Latches look at the market and agree; the loss limit is a profile's own.
    """
    lines = [line for line in _MOST_CAREFUL if any(each.line == line for each in measured)]
    return next((each for each in measured if lines and each.line == lines[0]), measured[0])


def market_document(measured: Measurements, language: str) -> dict[str, Any]:
    """Return the line of the market as JSON values, with the sentences that a person reads."""
    return {
        "line": measured.line,
        "latches": list(measured.latches),
        "text": market_line_text(measured).into(language),
        "beside": [text.into(language) for text in beside_texts(measured)],
        "base_rate": _observed(measured.base_rate),
        "fed_funds": _observed(measured.fed_funds),
        "us_inflation": _observed(measured.us_inflation),
    }


def market_line_text(measured: Measurements) -> Text:
    """Return the line of the market as a sentence.

    >>> market_line_text(Measurements(line="normal")).en
    'Market: normal. No rule reduces risk assets.'
    """
    return Text.of(f"measured.line_{measured.line or 'none'}")


def beside_texts(measured: Measurements) -> tuple[Text, ...]:
    """Return the base rate, the federal funds rate and US inflation; what is missing says so."""
    inflation = measured.us_inflation
    return (
        _figure("base_rate", measured.base_rate, "{:.2f}%"),
        _figure("fed_funds", measured.fed_funds, "{:.2f}%"),
        _figure("us_inflation", inflation, "{:z.1%}"),
    )


def measurement_texts(measured: Measurements, language: str) -> tuple[str, ...]:
    """Return the three measurements and the line of the market, one sentence each."""
    unknown = say(language, "measured.unknown")
    share, ratio, vix = measured.risk_share, measured.efficiency, measured.market_volatility
    figures = {
        "risk_share": unknown if share is None else f"{share:z.1%}",
        "market_volatility": unknown if vix is None else f"{vix.value:.1f} ({vix.day})",
        "efficiency": unknown if ratio is None else f"{ratio:.2f}",
    }
    return (
        *(say(language, f"measured.{name}", {"value": value}) for name, value in figures.items()),
        market_line_text(measured).into(language),
    )


def span_document(span: MeasuredSpan | None) -> dict[str, Any] | None:
    """Return what the runs of a span measured as JSON values."""
    if span is None:
        return None
    return {
        "runs": span.runs,
        "session": span.day.isoformat(),
        "newest": measured_document(span.newest),
        "account_risk_share": span.account_risk_share,
        "lines": dict(span.lines),
    }


def span_texts(span: MeasuredSpan, language: str) -> tuple[str, ...]:
    """Return what the runs of a span measured as sentences: the span, then its newest session."""
    share = span.account_risk_share
    unknown = say(language, "measured.unknown")
    lines = ", ".join(
        say(language, f"measured.count_{line}", {"count": span.lines[line]})
        for line in reversed(_MOST_CAREFUL)
        if line in span.lines
    )
    counted = {"runs": span.runs, "share": unknown if share is None else f"{share:z.1%}"}
    newest = " · ".join(measurement_texts(span.newest, language)[:3])
    return (
        say(language, "measured.span", {**counted, "lines": lines or unknown}),
        say(language, "measured.newest", {"day": span.day, "texts": newest}),
    )


def _figure(name: str, observed: Observed | None, form: str) -> Text:
    if observed is None:
        return Text.of(f"measured.{name}_unknown")
    month = f"{observed.day:%Y-%m}"
    return Text.of(f"measured.{name}", value=form.format(observed.value), month=month)


def _observed(found: Observed | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"series": found.series, "value": found.value, "date": found.day.isoformat()}


def _observed_from(stored: dict[str, Any] | None) -> Observed | None:
    if stored is None:
        return None
    day = date.fromisoformat(stored["date"])
    return Observed(series=stored["series"], value=stored["value"], day=day)
