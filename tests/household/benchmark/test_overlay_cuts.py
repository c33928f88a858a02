"""Simulated households through a cut of the overlay: what they hold afterwards, by the checker."""

from __future__ import annotations

from dataclasses import replace

import overlay_cuts
import pytest
from tests.household.small_homes import home, with_aim

from jeoul.household.explaining.at_once import moves_at_once
from jeoul.household.problem.document import moves_document, to_document
from jeoul.household.problem.records import NOTHING
from jeoul.market import Market


def test_after_each_cut_of_a_fire_drill_the_risk_is_within_target_and_band(sample: Market) -> None:
    found = overlay_cuts.lived(2, "2022", sample)
    assert found["plans"] > len(found["cuts"]) > 0
    assert any(each["before"] > each["most"] for each in found["cuts"])
    for each in found["cuts"]:
        assert each["kept"], each
        assert each["after"] <= each["most"] + 1e-6 or each["forbidden"]
        assert not each["broken"]


def test_risk_that_is_still_held_is_kept_only_by_a_rule_that_is_named() -> None:
    stocks, *others = home().positions
    cut = with_aim(home(), risk_most=0.2)
    stuck = replace(cut, positions=(replace(stocks, sellable=False), *others))
    (free,) = overlay_cuts.cuts_of(cut, moves_at_once(cut))
    (held,) = overlay_cuts.cuts_of(stuck, moves_at_once(stuck))
    (missed,) = overlay_cuts.cuts_of(cut, NOTHING)
    assert (free["kept"], free["over"], free["forbidden"]) == (True, 0.0, [])
    assert (held["kept"], held["forbidden"]) == (True, ["not_sellable general stocks"])
    assert held["over"] > 0.0
    assert (missed["kept"], missed["forbidden"]) == (False, [])
    assert missed["over"] == pytest.approx(held["over"])


def test_the_share_at_risk_is_looked_through_and_of_all_the_money() -> None:
    document = to_document(home())
    nothing = moves_document(NOTHING)
    (aim,) = home().aims
    assert overlay_cuts.risk_share(document, nothing, aim.id) == pytest.approx(0.5)
