"""``jeoul metrics`` of accounts: no two series are the same, or a collector would read none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

CONFIG = (
    'schema = 1\nname = "mine"\nstrategy = "static"\nprofile = "conservative"\nstate = "state"\n'
    '[broker]\nkind = "paper"\ncash = "2천만원"\n'
)


def test_accounts_of_one_name_are_told_apart_by_their_files(jeoul: Any, tmp_path: Path) -> None:
    files = [tmp_path / place / "config.toml" for place in ("kim", "lee")]
    for file in files:
        file.parent.mkdir()
        file.write_text(CONFIG, "utf-8")
    done = jeoul("metrics", *files, files[0])
    assert done.code == 0, done.err
    families = {each.name: each for each in text_string_to_metric_families(done.out)}
    found = [each.labels for each in families["jeoul_account_stopped"].samples]
    assert found == [
        {"account": "mine", "file": "kim/config.toml"},
        {"account": "mine", "file": "lee/config.toml"},
    ]
    alone = jeoul("metrics", files[0]).out
    assert 'jeoul_account_stopped{account="mine",file="config.toml"} 0' in alone
