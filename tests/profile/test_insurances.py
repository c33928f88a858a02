"""What was measured of the insurances: the shipped figures are those of the evidence page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jeoul import assets
from jeoul.errors import ConfigError
from jeoul.operations.setup.config import load_config
from jeoul.profile import STRATEGIES, measured
from jeoul.profile.form import PROFILES
from jeoul.strategy.load import shipped
from jeoul.workspace.live import mandate_of

CASES = [(name, profile) for name in ("KRW", "USD") for profile in PROFILES[1:]]


@pytest.mark.parametrize(("currency", "profile"), CASES)
def test_a_person_is_shown_what_the_page_says(currency: str, profile: str) -> None:
    page = (assets.root() / "docs" / "evidence.md").read_text("utf-8")
    strategy = {"KRW": "managed", "USD": "managed-us"}[currency]
    table = page.split("<!-- choice -->")[1].split("<!-- end -->")[0]
    (line,) = [row for row in table.splitlines() if row.startswith(f"| {strategy} {profile} |")]
    cells = [int(text) for text in re.findall(r"-?[0-9]+", line.replace(",", "").replace("−", "-"))]
    found = measured(currency, profile)
    shown = [found.fall]
    for cost in found.costs.values():
        shown += [*cost.gave_up, *cost.saved]
    assert [round(share * 10_000) for share in shown] == cells


def test_the_light_one_gave_up_at_most_three_tenths_over_all_profiles_and_currencies() -> None:
    found = [measured(name, profile).costs for name in ("KRW", "USD") for profile in PROFILES[1:]]
    light, strong = (sum(c[name].gave_up.value for c in found) for name in ("light", "strong"))
    assert len(found) == 6
    assert light < 0.3 * strong


@pytest.mark.parametrize(("currency", "profile"), CASES)
def test_the_light_one_was_the_cheaper_one_and_saved_less(currency: str, profile: str) -> None:
    costs = measured(currency, profile).costs
    assert costs["light"].gave_up.value < costs["strong"].gave_up.value
    assert 0.0 < costs["light"].saved.value < costs["strong"].saved.value
    for cost in costs.values():
        for figure in cost:
            assert figure.low <= figure.value <= figure.high


def test_every_choice_names_shipped_strategies() -> None:
    assert {name for names in STRATEGIES.values() for name in names} <= set(shipped())


@pytest.mark.parametrize(
    ("strategy", "fits"), [("managed-light", True), ("managed-light-us", True), ("managed", False)]
)
def test_a_config_follows_the_choice_in_its_answers(
    tmp_path: Path, strategy: str, fits: bool
) -> None:
    example = (assets.root() / "configs" / "answers-example.toml").read_text("utf-8")
    choice = '[overlay]\nchoice = "light"\nchosen = 2026-05-04\nshown = "figures"\n'
    (tmp_path / "answers.toml").write_text(example + choice, "utf-8")
    config = tmp_path / "config.toml"
    config.write_text(
        f'schema = 1\nname = "mine"\nstrategy = "{strategy}"\nanswers = "answers.toml"\n'
        'state = "state"\n[broker]\nkind = "paper"\ncash = 20_000_000\n',
        "utf-8",
    )
    if fits:
        assert mandate_of(load_config(config)).strategy.name == strategy
        return
    with pytest.raises(ConfigError, match="is not what was chosen on 2026-05-04") as refused:
        mandate_of(load_config(config))
    assert 'name "managed-light"' in str(refused.value)
