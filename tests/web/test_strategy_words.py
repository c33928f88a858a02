"""Every setting of What if has a name that a person reads, in both languages."""

from __future__ import annotations

import pytest

from jeoul import api
from jeoul.strategy.load import load_strategy, shipped
from jeoul.strategy.tables.profile import PROFILES
from jeoul.web.strategy_keys import groups_of
from jeoul.web.strategy_words import key_title, table_title


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", shipped())
def test_no_setting_is_called_by_its_key(name: str, language: str) -> None:
    strategy = load_strategy(name)
    universe = api.universe_of(strategy.universe)
    for profile in PROFILES:
        for group in groups_of(strategy, profile):
            title = table_title(group.table, strategy, language)
            assert title
            assert title != group.table
            names = [key_title(group.table, key.name, universe, language) for key in group.keys]
            assert len(set(names)) == len(names), group.table
            if language == "ko":
                assert not {key.name for key in group.keys} & {*names}, group.table


def test_a_watched_latch_is_called_by_its_title() -> None:
    strategy = load_strategy("managed")
    assert strategy.overlay is not None
    title = strategy.overlay.watch["rates_fall"].title.ko
    assert table_title("overlay.watch.rates_fall.enter", strategy, "ko") == f"{title}: 발동"
