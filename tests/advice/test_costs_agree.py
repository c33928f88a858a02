"""A fund costs the same wherever a person asks."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner

from jeoul import assets
from jeoul.cli.recommend import recommend
from jeoul.korea.catalogue_files import load_catalogue


def test_the_fees_of_a_recommendation_are_those_of_the_catalogue() -> None:
    answers = str(assets.root() / "configs" / "answers-example.toml")
    done = CliRunner().invoke(recommend, [answers, "--funds", "--json"])
    listed = load_catalogue().funds
    shown: list[dict[str, Any]] = json.loads(done.stdout)["costs"]
    known = {
        fund["code"]: fund["fee"]
        for fund in shown
        if fund["code"] in listed and isinstance(listed[fund["code"]].value("fee"), Decimal)
    }
    assert len(known) > 10
    for code, fee in known.items():
        assert fee == pytest.approx(float(str(listed[code].value("fee")))), code
