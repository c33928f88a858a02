"""Damaged bytes anywhere in a folder end in a refusal with a remedy, or in a market; never else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from texts import RAW

from jeoul.errors import DataError
from jeoul.market import open_market

FILES = {
    "manifest.toml": RAW + texts.series("macro.csv", "month", cpi=("08:00 Asia/Seoul", 6)),
    "prices-kr.csv": "date,069500,148070\n2020-01-02,100,\n2020-01-03,101.5,5e4\n2020-01-06,99,1\n",
    "events-kr.csv": "date,ticker,dividend,split\n2020-01-03,069500,1.5,1\n",
    "macro.csv": "month,cpi\n2019-12,100\n2020-01,101\n",
}

damage = st.one_of(
    st.binary(min_size=0, max_size=3),
    st.sampled_from([b"\n", b"\r", b",", b'"', b"\xff", b"\x00", b"-", b"[", b"=", b"2", b"\n\n"]),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), name=st.sampled_from(sorted(FILES)))
def test_damage_is_refused_in_plain_words(
    tmp_path: Path, calendars: Any, data: Any, name: Any
) -> None:
    for path, text in FILES.items():
        (tmp_path / path).write_bytes(text.encode())
    whole = FILES[name].encode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 12, len(whole))))
    (tmp_path / name).write_bytes(whole[:start] + data.draw(damage) + whole[end:])
    problems = ()
    try:
        market = open_market(tmp_path, calendars=calendars)
        market.as_of(market.last_session())
    except DataError as refusal:
        problems = refusal.problems  # type: ignore[assignment]
    assert all(problem.file and problem.message and problem.remedy for problem in problems)  # type: ignore[var-annotated]


def test_the_undamaged_folder_opens(tmp_path: Path, calendars: Any) -> None:
    for path, text in FILES.items():
        (tmp_path / path).write_text(text)
    assert open_market(tmp_path, calendars=calendars).last_session().isoformat() == "2020-01-06"


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path, calendars: Any, name: str) -> None:
    for path, text in FILES.items():
        (tmp_path / path).write_text(text)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    with pytest.raises(DataError):
        open_market(tmp_path, calendars=calendars)
