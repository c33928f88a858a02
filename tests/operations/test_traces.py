"""Which characters of a text give a secret away, and which do not, to the last sign."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from pathlib import Path

import pytest

from jeoul.errors import ConfigError
from jeoul.operations.broker.kis.settings import KisSettings
from jeoul.operations.setup.secrets import (
    broker_secrets,
    kept_tokens,
    read_secrets,
    shown,
    without_secrets,
)
from jeoul.operations.setup.spellings import spellings, traces

KEY = "PSabcdefghijklmnop"  # eighteen signs


SHOWN = [
    (f"{KEY}", "[hidden]"),
    (f"<{KEY.upper()}>", "<[hidden]>"),
    (f"<{KEY[:10]}>", "<[hidden]>"),
    (f"<{KEY[:9]}>", f"<{KEY[:9]}>"),
    (f"<{KEY[4:14]}>", "<[hidden]>"),
    (f"<{KEY[4:15]}>", "<[hidden]>"),
    (f"<{KEY[-10:]}>", "<[hidden]>"),
    (f"<{KEY[-10:]}", "<[hidden]"),
    (f"<{KEY[-9:]}", f"<{KEY[-9:]}"),
    (f"{KEY[-9:]}", f"{KEY[-9:]}"),
    (f"{KEY[3:13]} and {KEY}", "[hidden] and [hidden]"),
    (f"{KEY} and {KEY[:12].upper()}.", "[hidden] and [hidden]."),
    (f"{KEY}{KEY}", "[hidden]"),
    (f"{KEY[:10]}-{KEY[:10]}-{KEY[-10:]}", "[hidden]-[hidden]-[hidden]"),
    (f"İİ{KEY[2:12].upper()}İ", "İİ[hidden]İ"),
    ("nothing", "nothing"),
    ("", ""),
]


def test_ten_signs_of_a_secret_in_a_row_are_hidden_and_nine_are_not() -> None:
    for text, said in SHOWN:
        assert without_secrets(text, [KEY]) == said, text


def test_a_sign_that_becomes_longer_in_small_letters_stands_in_a_secret_too() -> None:
    secret = "İABCDEFGHIJKLM"
    assert without_secrets("<ABCDEFGHIJ>", [secret]) == "<[hidden]>"
    assert without_secrets("<İABCDEFGHI>", [secret]) == "<[hidden]>"


def test_the_longest_secret_at_a_place_is_hidden_and_neighbours_together() -> None:
    assert without_secrets("abcdef", ["abc", "abcdef"]) == "[hidden]"
    assert without_secrets("abcxyz", ["abc", "xyz"]) == "[hidden]"
    assert without_secrets("abc xyz", ["abc", "xyz"]) == "[hidden] [hidden]"
    assert without_secrets("abc", ["", " "]) == "abc"
    assert without_secrets("a b", [" b "]) == "a [hidden]"
    assert without_secrets("abc c", ["abc"]) == "[hidden] c"
    assert without_secrets("<cdefghijklm>", [KEY, "fgh"]) == "<[hidden]>"
    assert traces(("", "")) is None


NUMBERS = [
    ("1234567890", "[hidden]"),
    ("12345678", "[hidden]"),
    ("x 34567890.", "x [hidden]."),
    ("x 23456789.", "x [hidden]."),
    ("1234567", "1234567"),
    ("4567890", "4567890"),
    ("1-2.3 4-5-6-7-8", "[hidden]"),
    ("1--2345678", "1--2345678"),
    ("12345679", "12345679"),
]


def test_eight_digits_of_a_number_are_hidden_and_seven_are_not() -> None:
    for text, said in NUMBERS:
        assert without_secrets(text, ["1234-567.890"]) == said, text


def test_digits_in_a_word_are_no_number() -> None:
    assert without_secrets("12345678", ["k1234567890"]) == "12345678"
    assert without_secrets("12345678", ["12345678k9012345678"]) == "12345678"


def test_a_form_of_ten_signs_is_hidden_and_a_shorter_one_is_not() -> None:
    assert b"abcde".hex() in set(spellings("abcde"))
    assert b"abcd".hex() not in set(spellings("abcd"))
    assert without_secrets("x 6162636465", ["abcde"]) == "x [hidden]"


def test_a_secret_is_known_as_json_pages_and_addresses_have_it() -> None:
    found = set(spellings('a"b/<é'))
    assert {'a\\"b/<\\u00e9', 'a\\"b\\/<\\u00e9', "a&quot;b/&lt;é", "a%22b/%3C%C3%A9"} <= found
    assert {"a%22b%2F%3C%C3%A9", "a%2522b%252F%253C%25C3%25A9"} <= found
    assert "" not in found


@pytest.mark.parametrize("secret", [KEY, "p" * 15, "\x00secret\xff/+secret?>", "sixteen signs 16"])
def test_the_signs_of_base64_that_a_secret_decides_are_known_at_every_place(secret: str) -> None:
    """Whatever stands before and behind it: of zeros and of ones no bit is the same."""
    raw = secret.encode(errors="surrogateescape")
    found = set(spellings(secret))
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            zeros, ones = (
                encode(fill * before + raw + fill * 3).decode() for fill in (b"\x00", b"\xff")
            )
            same = "".join(a if a == b else " " for a, b in zip(zeros, ones, strict=True))
            assert same.replace("=", " ").strip() in found


# -- where secrets come from -----------------------------------------------------------------------


def test_variables_that_are_missing_or_empty_are_named_together() -> None:
    found = read_secrets(["A", "B"], "c.toml", {"A": "1", "B": "2"})
    assert {name: secret.reveal() for name, secret in found.items()} == {"A": "1", "B": "2"}
    with pytest.raises(ConfigError) as error:
        read_secrets(["A", "B", "C"], "c.toml", {"A": "1", "B": ""})
    assert [problem.key for problem in error.value.problems] == ["B", "C"]


def test_variables_are_those_of_the_process_unless_others_are_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("A", "here")
    assert read_secrets(["A"], "c.toml")["A"].reveal() == "here"
    assert read_secrets(["A"], "c.toml", {"A": "there"})["A"].reveal() == "there"
    with pytest.raises(ConfigError):
        read_secrets(["A"], "c.toml", {})


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("KIS_APPKEY", "a~b", True),
        ("KIS_APPKEY", "a b", False),
        ("KIS_APPKEY", "a\n", False),
        ("KIS_APPKEY", "키", False),
        ("KIS_APPKEY", "1234", True),
        ("KIS_ACCOUNT", "12345678-01", True),
        ("KIS_ACCOUNT", "1234", False),
    ],
)
def test_a_value_is_one_that_a_request_can_carry(name: str, value: str, fits: bool) -> None:
    good = {"KIS_APPKEY": "a", "KIS_APPSECRET": "b", "KIS_ACCOUNT": "12345678"}
    settings = KisSettings(kind="kis", mode="real")
    if fits:
        found = broker_secrets(settings, "c.toml", {**good, name: value})
        assert found[name].reveal() == value
        return
    with pytest.raises(ConfigError) as error:
        broker_secrets(settings, "c.toml", {**good, name: value})
    (problem,) = error.value.problems
    assert problem.key == name
    assert f"the variable {name}" in problem.message
    assert problem.remedy is not None
    assert f"the variable {name}" not in problem.remedy


def test_the_tokens_of_a_folder_are_those_that_can_be_read(tmp_path: Path) -> None:
    for name, text in {
        "b-token.json": '{"token": "second"}', "a-token.json": '{"token": "first"}',
        "c-token.json": '{"token": 5}', "d-token.json": "{", "e-token.json": "[]",
        "f-token.json": '{"token": ""}', "token.json": '{"token": "no"}',
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text, "utf-8")
    assert kept_tokens(tmp_path) == ("first", "second")


def test_every_text_of_a_document_is_hidden_and_nothing_else() -> None:
    document = {"abc": ("x abc", 5, None, {"k": "abc"})}
    assert shown(document, ["abc"]) == {
        "[hidden]": ["x [hidden]", 5, None, {"k": "[hidden]"}]
    }  # fmt: skip
