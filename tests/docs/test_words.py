"""Words that people read: kinds of sentences that an editor took out stay out."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jeoul.messages import catalogue, say

ENGINE = Path(__file__).resolve().parents[2] / "engine" / "jeoul"
ROOT = ENGINE.parents[1]
IS_NO = re.compile(r"(?<!here )\b(?:is|are) no (?!longer\b|more\b)\w+", re.IGNORECASE)
QUOTED = {"which is no month", "is no session of"}
"""Refusals of rules that worked cases of users may quote word for word."""
ENGLISH = {
    "is no": IS_NO,
    "told": re.compile(r"\btold\b(?! apart)"),
    "stands": re.compile(r"\bstand(?:s|ing)?\b"),
    "anew": re.compile(r"\banew\b"),
    "as well": re.compile(r"\bas well\b"),
    "say at the end": re.compile(r", say(?:[,.;)]|$)"),
    "what-clause": re.compile(r"(?:^|[.!:] )What (?!if\b)(?:\w+ ){1,12}\w+[^?]*\.(?:\s|$)"),
    "several at once": re.compile(r"\w\(s\)"),
    "of wording": re.compile(
        r"made good|[Ss]imply held|simply holding|guessed away|for all one can|Asked of you|"
        r"names its key again|[Tt]he day that decides|told only|"
        r"are one flow|keep the zeros in front|what is left are orders|It is no forecast|"
        r"explain into the books|Begun by|that luck would|towards \d+ \(this|"
        r"Seven answers become|what people read|it is true of the world|by more than luck|"
        r"Never seen it before|changed key does|settings, counted|Choose on all years|"
        r"what should not work|fills filled in|The model trades today|Of the bootstrap|"
        r"Of monthly payments|luck would show"
    ),
}
"""What is wrong in English, by its name: kinds of sentences, then lines that were rewritten."""
KOREAN = {
    "직역": re.compile(
        r"가장 나빴던 때|규칙의 대가|매일 재는|켜지는 기준|꺼지는 기준|켜지면|꺼둠|알리기만 하고|"
        r"대용 비중|대용 시계열|데이터를 안 시각|꼭 알아 두실|아무것도 약속|스스로 쓰는 도구|"
        r"출금할 돈을|넣은 돈|찾은 돈|마지막 평가액|호가 차이로 잃은|\d KRW|"
        r"이 역사로는|참값이|원장에 기록된 시도|규칙이 거절한|고르는 일이|최고의 이웃|"
        r"상태였던 시간|무상[)\"']|휩쏘|현금화 0영업일|더 남음|결과가 같다|낫다|이 사람에게는|"
        r"사슬 온전|장부 균형|사람이 거절|감당하려는|따로 매기면|중대한 발견|\d개 열\b|세상에 관한|"
        r"한 주 단위|위험자산을 평상시|좇아|셈했|덜 약속|열에 아홉|더 이상 담지|"
        r"담지 않습니다[.]?$|모델이 매매하는 날"
    ),
    "반말": re.compile(r"[가-힣]다(?<!니다)(?<!시다)[.](?:$| )"),
    "안정형": re.compile(r"균형형|성장형|안정형(?! …)"),
}
"""What is wrong in Korean: lines that were rewritten, plain style, profiles called like types."""
TYPE_NAMES = {"kind.stable", "안정형"}
"""The type of an investor 안정형, which no portfolio shares."""
GENERATED = {"api.md", "cli.md", "explain.md", "explain.ko.md"}
"""Pages built from docstrings, from help, and from catalogues and codes."""


def messages(file: Path) -> Iterator[str]:
    """Yield the texts of a module that are not docstrings, those of an f-string joined."""
    tree = ast.parse(file.read_text("utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and id(node) not in bare:
            yield str(node.value)


def prose(text: str) -> Iterator[str]:
    """Yield the paragraphs of a page without its blocks of code, its marks and its inline code."""
    plain = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for paragraph in re.split(r"\n\s*\n|\n(?=[-|#*] |\d+\. )", plain):
        yield re.sub(r"`[^`]*`", "x", " ".join(paragraph.split())).lstrip("#-*| ")


def pages(korean: bool) -> Iterator[Path]:
    """Yield the written pages of a language."""
    for page in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]):
        if page.name not in GENERATED and page.name.endswith(".ko.md") is korean:
            yield page


def helps() -> Iterator[str]:
    """Yield the help of each option and the first words of each command."""
    for line in (ROOT / "docs" / "cli.md").read_text("utf-8").splitlines():
        yield line.rpartition("| ")[2] if line.startswith("|") else line


def shipped(value: Any, language: str) -> Iterator[str]:
    """Yield the texts of a language in shipped files: ``{ ko = "…", en = "…" }``."""
    if isinstance(value, dict):
        if isinstance(value.get(language), str) and set(value) <= {"ko", "en"}:
            yield value[language]
        for each in value.values():
            yield from shipped(each, language)
    elif isinstance(value, list):
        for each in value:
            yield from shipped(each, language)


def data_in(language: str) -> Iterator[tuple[str, str]]:
    """Yield the names and explanations of strategies, codes, terms, products and questions."""
    files = [*(ROOT / "strategies").glob("*.toml"), *(ROOT / "data" / "codes").glob("*.toml")]
    files += [*(ROOT / "data").glob("*.toml"), *(ROOT / "data" / "questionnaires").glob("*.toml")]
    for file in sorted(files):
        for text in shipped(tomllib.loads(file.read_text("utf-8")), language):
            yield file.name, text


def read_in_english() -> Iterator[tuple[str, str]]:
    """Yield what people read in English, each text with where it is."""
    for key, text in catalogue("en").items():
        yield key, re.sub(r"\{[^}]*\}", "{}", text)
    yield from (("help", text) for text in helps())
    yield from data_in("en")
    for page in pages(korean=False):
        if page.name != "CHANGELOG.md":
            yield from ((page.name, text) for text in prose(page.read_text("utf-8")))


def read_in_korean() -> Iterator[tuple[str, str]]:
    """Yield what people read in Korean, each text with where it is."""
    yield from catalogue("ko").items()
    yield from data_in("ko")
    for page in pages(korean=True):
        yield from ((page.name, text) for text in prose(page.read_text("utf-8")))


def faults(texts: Iterator[tuple[str, str]], patterns: dict[str, re.Pattern[str]]) -> list[str]:
    return [
        f"{where}: {name}: {text}"
        for where, text in texts
        for name, pattern in patterns.items()
        if pattern.search(text) and not (name == "안정형" and {where, text} & TYPE_NAMES)
    ]


def test_english_reads_plainly() -> None:
    found = faults(read_in_english(), ENGLISH)
    assert not [line for line in found if not any(quoted in line for quoted in QUOTED)]


def test_korean_reads_as_in_a_brokerage_app() -> None:
    assert not faults(read_in_korean(), KOREAN)


def test_no_message_says_that_something_is_no_thing() -> None:
    """ "'x' is not a date", and not "is no date"."""
    texts = [text for file in sorted(ENGINE.rglob("*.py")) for text in messages(file)]
    assert len(texts) > 5000
    found = {text for text in texts if IS_NO.search(text)}
    assert not {text for text in found if not any(quoted in text for quoted in QUOTED)}


@pytest.mark.parametrize(
    "text",
    [
        "x is no date",
        "alert only, told",
        "The reason stands on a page",
        "the table is written anew",
        "gold as well",
        "write a folder, say",
        "What is printed under a result counts the facts.",
        "3 order(s)",
        "the loss was made good on 2023-05-16",
    ],
)
def test_an_old_english_sentence_is_found(text: str) -> None:
    assert faults(iter([("planted", text)]), ENGLISH)


@pytest.mark.parametrize(
    "text",
    ["가장 나빴던 때", "제안 유형: 안정형", "127,000,000 KRW", "이 순서가 낫다", "휩쏘", "꺼둠"],
)
def test_an_old_korean_sentence_is_found(text: str) -> None:
    assert faults(iter([("planted", text)]), KOREAN)


@pytest.mark.parametrize(
    "text", ["there is no date", "this is no longer read", "What is a ledger?", "Whole shares"]
)
def test_a_plain_sentence_is_left_alone(text: str) -> None:
    assert not faults(iter([("planted", text)]), ENGLISH)


def test_the_investor_type_keeps_its_name() -> None:
    assert catalogue("ko")["kind.stable"] == "안정형"
    profiles = ("conservative", "balanced", "growth")
    assert {catalogue("ko")[f"profile.{name}"] for name in profiles} == {
        "안정 포트폴리오",
        "균형 포트폴리오",
        "성장 포트폴리오",
    }


def test_one_and_many_have_their_own_word() -> None:
    """A count chooses its word in every message that has two."""
    for count, word in ((0, "0 shares"), (1, "1 share"), (2, "2 shares")):
        said = say("en", "rebalance.frozen", {"ticker": "069500", "shares": count})
        assert said.endswith(f"keeps its {word}")
