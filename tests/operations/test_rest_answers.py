"""Kiwoom's and Toss's answers, changed in every field that is read: as drawn, not as chosen.

The forms are those of the loopbacks, whose headers say what was recorded and what is assumed. A
number may come as text, padded or with zeros behind the point, or as a number of JSON; any other
change is read, or refused; nothing else may happen, and nothing out of bounds is read.
"""

from __future__ import annotations

import json
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kis_desk import Watch, buy
from test_kis_answers import ODD, read_body
from test_rest_brokers import IDENTITIES, READERS, changed, fields_of, plain
from venues import KIWOOM, TOSS

from jeoul.operations.broker.port import BrokerOrder
from jeoul.operations.errors import Unreachable

CALM = settings(max_examples=80, suppress_health_check=list(HealthCheck))


class Pages:
    """What one loopback has answered, the fields that are read of it, and what they come to."""

    def __init__(self, adapter: Any) -> None:
        self.pages, self._read = READERS[adapter.kind]
        with (
            TemporaryDirectory() as folder,
            adapter.server.running() as truth,
            closing(adapter.connect(truth, Path(folder), Watch())) as broker,
        ):
            truth[1].holdings = {"069500": 3}
            broker.submit(buy(10))
            broker.submit(replace(buy(2, ticker="360750"), name="a.b.02"))
            truth[1].fill(1, 3, 36_900)
            truth[1].fill(2, 2, 36_900)
            self.found = json.loads(json.dumps(self.pages(broker)))
            self.fields = sorted(fields_of(broker) - IDENTITIES)
        self.usual = plain(self.read(self.found))

    def read(self, pages: Any) -> Any:
        """Read pages as they come over the line: as bytes."""
        return self._read(_over_the_line(pages))


def _over_the_line(pages: Any) -> Any:
    if isinstance(pages, list):
        return [_over_the_line(page) for page in pages]
    return read_body(json.dumps(pages, ensure_ascii=False).encode())


@pytest.fixture(scope="module", params=[KIWOOM, TOSS], ids=lambda adapter: adapter.kind)
def answers(request: Any) -> Pages:
    return Pages(request.param)


def respelt(value: Any, spell: Any) -> Any:
    """Every text that is a number, spelt otherwise."""
    if isinstance(value, list):
        return [respelt(each, spell) for each in value]
    if isinstance(value, dict):
        return {
            key: each if key in IDENTITIES else respelt(each, spell) for key, each in value.items()
        }
    if isinstance(value, str) and value.strip().isdecimal() and value.isascii():
        return spell(int(value))
    return value


SPELT = [
    int,
    str,
    lambda n: f"{n:015d}" if n < 10**15 else str(n),
    lambda n: f"  {n}  ",
    lambda n: f"{n}.0000",
    lambda n: f"+{n}",
]


@CALM
@given(spell=st.sampled_from(SPELT))
def test_a_number_is_read_as_text_and_as_a_number(answers: Pages, spell: Any) -> None:
    assert plain(answers.read(respelt(answers.found, spell))) == answers.usual


@CALM
@given(data=st.data())
def test_an_odd_field_is_read_or_refused(answers: Pages, data: Any) -> None:
    name = data.draw(st.sampled_from(answers.fields))
    missing = data.draw(st.booleans())
    value = None if missing else data.draw(ODD)
    try:
        account, orders = answers.read(changed(answers.found, name, value))
    except Unreachable:
        return
    assert account is not None
    for order in orders:
        assert isinstance(order, BrokerOrder)
        assert 0 <= order.filled < 10**15
        assert 0 < order.shares < 10**15
        assert order.amount >= 0


@CALM
@given(content=st.dictionaries(st.text(max_size=12), ODD, max_size=4), place=st.integers(0, 2))
def test_any_object_in_place_of_a_page_is_read_or_refused(
    answers: Pages, content: Any, place: int
) -> None:
    pages = list(answers.found)
    pages[place] = [content] if isinstance(pages[place], list) else content
    with suppress(Unreachable):
        answers.read(pages)
