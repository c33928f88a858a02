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
    "stands": re.compile(r"\bstand(?:s|ing)?\b(?! in\b)"),
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
        r"Seven answers become|[Ww]hat people read|it is true of the world|by more than luck|"
        r"Never seen it before|changed key does|settings, counted|Choose on all years|"
        r"what should not work|fills filled in|The model trades today|Of the bootstrap|"
        r"Of monthly payments|luck would show|what one account does|Each way\.|, one of the two\b|"
        r"calendar date for rebalancing|switched off: no sales|Why so\b|: what was measured|"
        r"what was measured of|"
        r"scales the risk assets down and back|"
        r"whether it is luck|takes 25 minutes, from|a code of this universe|risk assets were held"
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
        r"담지 않습니다[.]?$|모델이 매매하는 날|거래하는 날이므로|목표에 맞춥니다|리밸런싱 날짜|"
        r"모델 회전율|목표보다 적습니다|주문 뒤|무상(?!증자)|\d\.\d\d+점|\b[AB] = |결정한 시각|"
        r"체결을 가정|켜짐|꺼짐|비중은 그대로|팔지 않음|수정 샤프|시도 \d+건|번째입니다|"
        r"과최적화일|변형 \d|위험 \d~|머리:|구별할 수 없|약속하지 않습니다|결과가 같다"
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


OLD_ENGLISH = (
    "x is no date", "alert only, told", "The reason stands on a page",
    "the table is written anew", "gold as well", "write a folder, say",
    "What is printed under a result counts the facts.", "3 order(s)",
    "Seven answers become a profile", "Never seen it before?", "to know what a changed key does",
    "a whole grid of settings, counted", "What people read comes in two languages",
    "it is true of the world", "Decide what one account does", "The day that decides on expiry",
    "Of the bootstrap and shuffles.", "Choose on all years before",
    "Also run what should not work", "Take what is found into the books: explain into the books",
    "A ticket with its fills filled in.", "Of monthly payments.", "Each way.",
    "bnad: is no key of this table", "1.5 is no whole number of shares",
    "69500: is not a code of this universe", "keep the zeros in front: 069500",
    "a deposit and a withdrawal at once are one flow",
    "'foo' is no key=a,b,c, or names its key again", "change keys with --set, one of the two",
    "the loss was made good on 2023-05-16",
    "Simply held, the same allocation returned 5.1% a year", "The model trades today",
    "A calendar date for rebalancing", "switched off: no sales of bonds",
    "Why so: what was measured", "It is no forecast.", "fewer risk assets were held", "Begun by",
    "the best that luck would show", "towards 2050 (this path)",
    "suspended, for all one can know", "Asked of you:", "A mistake never gets guessed away.",
)  # fmt: skip
OLD_KOREAN = (
    "한 주 단위의 매수·매도 주문", "가장 나빴던 때", "규칙의 대가", "모델이 거래하는 날이므로",
    "계좌도 목표에 맞춥니다", "정기 리밸런싱 날짜입니다", "모델 회전율 0.5%", "매일 재는 세 가지",
    "켜지는 기준", "꺼지는 기준", "켜짐", "꺼짐", "켜지면", "알리기만 하고", "비중은 그대로",
    "꺼둠", "달러 단기채: 팔지 않음", "위험자산을 평상시 비중", "대용 비중", "데이터를 안 시각",
    "결정한 시각", "체결을 가정한 시각", "꼭 알아 두실 것", "아무것도 약속하지 않습니다.",
    "스스로 쓰는 도구입니다.", "목표보다 적습니다", "주문 뒤 32.0%", "더 이상 담지 않습니다",
    "출금할 돈을 마련합니다", "넣은 돈", "찾은 돈", "마지막 평가액", "호가 차이로 잃은 돈",
    "127,000,000 KRW", "이 역사로는 둘을 구별할 수 없습니다.", "수정 샤프 비율",
    "원장에 기록된 시도 13건", "규칙이 거절한 것 20개", "최고를 고르는 일이", "최고의 이웃",
    "NORMAL 상태였던 시간", "무상", "휩쏘", "위험 2~2등급", "현금화 0영업일",
    "이 순서가 762,511원 낫다", "더 남음", "결과가 같다", "이 사람에게는", "사슬 온전",
    "장부 균형", "머리: 3f", "사람이 거절한 계획입니다", "감당하려는 위험만", "따로 매기면",
    "65.625점", "중대한 발견 0건", "118개 열, 행", "세상에 관한 사실",
    "A = 세율표(2천만원 초과분)", "제안 유형: 안정형",
)  # fmt: skip


@pytest.mark.parametrize("text", OLD_ENGLISH)
def test_an_old_english_sentence_is_found(text: str) -> None:
    assert faults(iter([("planted", text)]), ENGLISH)


@pytest.mark.parametrize("text", OLD_KOREAN)
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
