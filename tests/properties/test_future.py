"""What is not known at a decision does not reach it: cut or scrambled, the decision is the same."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Literal

import numpy as np
import pytest

from jeoul import api, assets
from jeoul.errors import ShortHistory
from jeoul.market.manifest import read_manifest
from jeoul.model.portfolio import Portfolio
from jeoul.pipeline import place, present, run_model
from jeoul.reporting.document import decision_document
from jeoul.strategy.load import shipped

NOISE = ("", "0", "-3", "1", "99999")
HELD = Portfolio({"069500": 300, "114260": 100, "411060": 40}, 30_000_000)


def is_later(rule: Any, label: Any, day: Any) -> Any:
    """Whether a row can only be known after the morning that follows ``day``, by label and lag."""
    unit: Literal["M", "D"] = "M" if len(label) == 7 else "D"
    last = np.datetime64(label, unit) + np.timedelta64(1, unit)
    morning = last.astype("datetime64[D]") + np.timedelta64(rule.lag, "D")  # the day after the row
    early = rule.zone == "Asia/Seoul" and rule.clock is not None and rule.clock.hour == 8
    return bool(morning > day + np.timedelta64(1 if early else 0, "D"))


def scrambled(cell: Any, noise: Any) -> Any:
    """Bend a number, make one up now and then, and sometimes something impossible."""
    if noise.random() < 0.002:
        return noise.choice(NOISE)
    return f"{float(cell or 100) * noise.uniform(0.97, 1.03):.4f}"


def rewritten(source: Any, target: Any, morning: Any, change: Any) -> Any:
    """Copy a folder, everything known only after a morning cut off or scrambled."""
    manifest, noise = read_manifest(source), Random(3)
    target.mkdir()
    (target / "manifest.toml").write_bytes((source / "manifest.toml").read_bytes())
    rules = {file.path: file.known for file in manifest.prices}
    rules |= {file.path: rules[file.nav_of] for file in manifest.navs}
    rules |= {file.path: {c.name: c.known for c in file.columns} for file in manifest.series}  # type: ignore[misc]
    for base in manifest.tax_bases:  # no decision reads a taxable base price
        (target / base.path).write_bytes((source / base.path).read_bytes())
    for path, rule in rules.items():
        header, *rows = csv.reader((source / path).read_text("utf-8").splitlines())
        named = [rule[name] if isinstance(rule, dict) else rule for name in header[1:]]
        kinds = list(dict.fromkeys(named))
        which = [kinds.index(one) for one in named]
        kept = [header]
        for row in rows:
            later = [is_later(one, row[0], morning) for one in kinds]
            if not any(later):
                kept.append(row)
            elif change == "scramble" or not all(later):
                new = [scrambled(c, noise) if change == "scramble" else "" for c in row[1:]]
                cells = zip(row[1:], new, which, strict=True)
                kept.append([row[0], *(b if later[k] else a for a, b, k in cells)])
        kept += rows[: len(kept) == 1]  # a file has a row: the first one, of a later day
        (target / path).write_text("".join(",".join(row) + "\n" for row in kept), "utf-8")
    for file in manifest.events:
        header, *lines = (source / file.path).read_text("utf-8").splitlines()
        past = [line for line in lines if line[:10] < str(morning)]
        if change == "scramble":
            past += [f"{','.join(x.split(',')[:2])},7,9" for x in lines if x[:10] >= str(morning)]
        (target / file.path).write_text("\n".join([header, *past]) + "\n", "utf-8")
    return target


def decisions(market: Any, day: Any) -> Any:
    """Return the JSON of every shipped strategy's decision in an account with holdings."""
    snapshot, found, like = market.as_of(day), {}, None
    korean = [n for n in shipped() if api.load_strategy(n).calendar == "XKRX"]
    history = api.history(api.load_strategy(korean[0]), snapshot)
    for name in sorted(korean, reverse=True):
        model = run_model(api.mandate(api.load_strategy(name), "balanced"), history, like=like)
        like = model if name == "static" else like
        decision = place(present(model, snapshot, api.calendars()["XKRX"]), HELD)
        found[name] = json.dumps(decision_document(decision, "en"))
    return found | in_dollars(market, day)


def in_dollars(market: Any, day: Any) -> dict[str, str]:
    """Return what the light strategy and momentum decide in New York on the morning of a day."""
    calendar, found = api.calendars()["XNYS"], {}
    before = calendar.label(calendar.index(day) - 1)
    snapshot = market.as_of(before, "XNYS")
    history = api.history(api.load_strategy("vaa"), snapshot)
    for name in ("managed-light-us", "dual-momentum", "vaa", "baa", "laa"):
        try:
            model = run_model(api.mandate(api.load_strategy(name), "balanced"), history)
            proposal = present(model, snapshot, calendar)
        except ShortHistory as short:  # the real folder has no gold fund in 2003
            found[name] = str(short)
            continue
        found[name] = json.dumps([proposal.weights, proposal.scale, str(proposal.reasons)])
    return found


def unchanged(market: Any, source: Any, target: Any, day: Any, change: Any) -> None:
    morning = np.datetime64(market.calendars["XKRX"].after(day))
    other = api.open_market(rewritten(source, target, morning, change))
    assert decisions(other, day) == decisions(market, day)


@pytest.mark.parametrize(
    ("day", "change"), [(date(2008, 10, 30), "scramble"), (date(2003, 4, 30), "cut")]
)
def test_on_the_sample(sample: Any, tmp_path: Path, day: date, change: str) -> None:
    unchanged(sample, assets.data("sample"), tmp_path / "other", day, change)


@pytest.mark.parametrize(
    ("day", "change"), [(date(2020, 3, 13), "scramble"), (date(2014, 9, 30), "cut")]
)
def test_on_real_data(
    real_market: Any, market_folder: Path, tmp_path: Path, day: date, change: str
) -> None:
    unchanged(real_market, market_folder, tmp_path / "other", day, change)


def test_the_comparison_can_fail(sample: Any, tmp_path: Path) -> None:
    day = date(2003, 4, 30)
    other = rewritten(assets.data("sample"), tmp_path / "other", np.datetime64(day), "scramble")
    changed, whole = api.open_market(other).as_of(day), sample.as_of(day)
    assert changed.digest != whole.digest
