"""What a probe says of a value without saying it, and the one line that it writes."""

from __future__ import annotations

from typing import Any

import pytest

from jeoul.errors import UsageError
from jeoul.operations.probe.forms import at, fits, form_of, shown_name, without_digits
from jeoul.operations.probe.keeping import with_visibility


@pytest.mark.parametrize(
    ("expected", "form", "fit"),
    [
        ("number", "number", True), ("number", "day", True), ("number", "code", False),
        ("number", "empty", False), ("number?", "empty", True), ("number?", "missing", True),
        ("number?", "null", True), ("number?", "text", False), ("number?", "number", True),
        ("text", "code", True), ("flag", "day", False), ("flag", "flag", True),
        ("instant", "day", False), ("code", "day", True), ("code", "text", False),
    ],
)  # fmt: skip
def test_which_forms_an_expectation_takes(expected: str, form: str, fit: bool) -> None:
    assert fits(expected, form) is fit


def test_the_form_of_a_value_is_all_that_is_said_of_it() -> None:
    values: list[tuple[Any, str]] = [
        (None, "null"), (True, "flag"), ({}, "object"), ((), "list"), (5, "number"), (" ", "empty"),
        ("2026/03/04", "day"), ("2026-03-04T09:30:00Z", "instant"), ("a_NX", "code"),
        ("a b", "text"),
    ]  # fmt: skip
    for value, form in values:
        assert form_of(value) == form
    assert (shown_name("a.b-c_1"), shown_name("x" * 64), shown_name("x" * 65)) == (
        "a.b-c_1", "x" * 64, "[odd name]",
    )  # fmt: skip
    assert without_digits("EGW00133 12345 1234 kt00018") == "EGW00133 # 1234 kt00018"
    body = {"a": {"b": [1]}}
    assert (at(body, ""), at(body, "a.b"), at(body, "a.c"), at(body, "a.b.c")) == (
        body, [1], None, None,
    )  # fmt: skip


# -- the measured time in a config -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a = 1\n[broker]\nkind = 'x'\n[cash]\n",
         "a = 1\n[broker]\nvisibility = 7.5\nkind = 'x'\n[cash]\n"),
        ("[broker]\r\nkind = 'x'\r\n", "[broker]\r\nvisibility = 7.5\r\nkind = 'x'\r\n"),
        (
            "[cash]\nvisibility = 1\n[ broker ] # mine\nvisibility = 2\n",
            "[cash]\nvisibility = 1\n[ broker ] # mine\nvisibility = 7.5\n",
        ),
        ("[broker]\nvisibility = 2\n[b]\nvisibility = 3\n",
         "[broker]\nvisibility = 7.5\n[b]\nvisibility = 3\n"),
        ("[broker]\nvisibility = 2\na = '''\nvisibility = 3\n'''\n",
         "[broker]\nvisibility = 7.5\na = '''\nvisibility = 3\n'''\n"),
        ("broker = {}\n", None),
        ("broker.kind = 'x'\n", None),
        ("[[broker]]\nkind = 'x'\n", None),
        ("a = '''\n[broker]\n'''\n", None),
        ("a = '''\n[broker]\n'''\nbroker.kind = 'x'\n", None),
        ("[broker]\na = '''\nvisibility = 2\n'''\n", None),
    ],
)  # fmt: skip
def test_the_measured_time_takes_one_line_and_no_other(text: str, found: str | None) -> None:
    if found is None:
        with pytest.raises(UsageError, match=r"by hand|into the config"):
            with_visibility(text, 7.5)
    else:
        assert with_visibility(text, 7.5) == found
