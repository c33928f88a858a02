"""Errors are in the language asked for, also those raised before a line is understood."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import jeoul.cli
from jeoul.cli.refusals import asked_language
from jeoul.errors import Problem
from jeoul.messages import catalogue
from jeoul.translation import TABLES, in_language

KOREAN = re.compile("[가-힣]")
DECIDE = ("decide", "managed", "--profile", "balanced")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("decide", "--nope"), "'--nope' 옵션은 없습니다. 비슷한 옵션: '--opened', '--prove'"),
        (("nope",), "'nope' 명령은 없습니다."),
        (("reprot",), "'reprot' 명령은 없습니다. 비슷한 명령: 'report', 'promote'"),
        (("ledgr",), "'ledgr' 명령은 없습니다. 'ledger'을(를) 쓰시겠습니까?"),
        (("report", "too", "many"), "필요하지 않은 인수가 있습니다: many"),
        (("report", "--amount", "many"), "'--amount' 값이 잘못되었습니다: 'many'은(는) 금액이"),
        (("report", "--profile", "bold"), "'bold'은(는) 쓸 수 없습니다"),
        (("guard",), "'--profile' 옵션이 필요합니다. 다음 중에서 고르십시오:"),
        (("run",), "'CONFIG' 인수가 필요합니다."),
        (DECIDE, "주문을 계산할 계좌 정보가 없습니다"),
        ((*DECIDE, "--deposit", "1", "--as-of", "2024-06-30"), "XKRX 거래일이 아닙니다"),
        (("check", "none.toml"), "none.toml: 그런 파일도, 그 이름의 기본 전략도 없습니다"),
    ],
)
def test_errors_are_korean_where_korean_is_asked_for(
    jeoul: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    assert not re.search("니다|십시오", jeoul(*words).err)
    monkeypatch.setenv("JEOUL_LANG", "ko")
    assert said in jeoul(*words).err


def test_the_option_counts_first_then_the_environment_then_the_config(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('= broken\nlang = "ko"  # mine\n[broker]\nlang = "en"\n', "utf-8")
    words = ["run", str(config), "--nope"]
    assert asked_language(words, {}) == "ko"
    assert asked_language(words, {"JEOUL_LANG": "en"}) == "en"
    assert asked_language([*words, "--lang=ko"], {"JEOUL_LANG": "en"}) == "ko"
    assert asked_language(["run", "none.toml", "--lang"], {}) == "en"
    assert asked_language(["run", str(tmp_path)], {"JEOUL_LANG": "fr"}) == "en"


def test_faults_one_a_line_are_each_a_sentence() -> None:
    said = "row 3 (notes): was changed after it was written\nindex x: was changed\nrow 4: odd"
    assert in_language(said, "ko").split("\n") == [
        "3행(notes)이 기록된 뒤에 바뀌었습니다",
        "index x: 변경되었습니다",
        "row 4: odd",
    ]


def test_a_problem_keeps_its_place_and_its_values() -> None:
    problem = Problem("a.csv", "'x' is not a number of shares", 3, "069500", "count again; or not")
    korean = in_language(problem, "ko")
    assert str(korean).startswith("a.csv:3: 069500: 'x'은(는) 수량이 아닙니다; count again")
    assert in_language(problem, "en") == problem


def test_fault_and_remedy_are_two_sentences() -> None:
    said = in_language("unknown key 'limit' in [overlay.loss]; use one of slope, step", "ko")
    assert said == "[overlay.loss]에 없는 키 'limit'입니다. 다음 중 하나를 쓰십시오: slope, step"


def test_a_sentence_is_found_behind_its_place_and_in_its_line() -> None:
    text = "estimate.views: tau is 2; give a number above 0\na.csv:3: 069500: the line is blank"
    assert in_language(text, "ko").split("\n") == [
        "estimate.views: tau 값이 2입니다. 0보다 큰 숫자를 입력하십시오",
        "a.csv:3: 069500: 빈 줄입니다",
    ]
    assert in_language(f"{text}\n" * 20, "ko").count("빈 줄입니다") == 20


def test_several_faults_in_a_row_each_have_their_remedy() -> None:
    text = "both is 2; give a fraction from 0 to 1; w: closes must be at least 1"
    assert in_language(f"the overlay cannot be used: {text}", "ko") == (
        "위험관리 규칙을 쓸 수 없습니다: both 값이 2입니다. 0에서 1 사이의 비율로 적으십시오. "
        "w: closes는 1 이상이어야 합니다"
    )


def test_a_sentence_that_no_catalogue_has_stays_as_it_is() -> None:
    assert in_language("nobody wrote this down", "ko") == "nobody wrote this down"
    assert in_language("x" * 100_000, "ko") == "x" * 100_000
    assert in_language("nobody; " * 90, "ko") == "nobody; " * 90


def sentences() -> list[str]:
    """Return the constant sentences that the command line raises as usage errors."""
    found = []
    for path in sorted(Path(jeoul.cli.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "UsageError":
                found += [str(a.value) for a in node.args if isinstance(a, ast.Constant)]
    return found


def test_every_usage_error_of_the_command_line_has_its_korean() -> None:
    told = sentences()
    assert len(told) > 5
    assert [text for text in told if not KOREAN.search(in_language(text, "ko"))] == []


def test_every_pattern_is_found_by_its_own_english() -> None:
    """A sentence with marks in its places comes back as its own Korean, with the marks in it."""
    wrong = []
    for key, text in catalogue("en").items():
        if key.startswith(TABLES):
            marks = {name: f"<{name}>" for name in re.findall(r"{(\w+)}", text)}
            if in_language(text.format(**marks), "ko") != catalogue("ko")[key].format(**marks):
                wrong.append(key)
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('ticker,shares\n"069500,30\n', "따옴표가 닫히지 않았습니다"),
        ("ticker,shares\n069500,30\nCASH,1\nCASH,2\n", "3행의 CASH에 이어 예수금이 두 번"),
        ("ticker,shares\n069500,-3\nCASH,1\n", "공매도는 지원하지 않습니다"),
        ("ticker,shares\n069500,\nCASH,1\n", "보유수량이 없습니다"),
        ("ticker,shares,shares\n069500,1,1\nCASH,1\n", "shares 열이 두 개입니다"),
        ("ticker,shares\nKODEX 20,1\nCASH,1\n", "6자리 종목코드를 적으십시오"),
        ("ticker,shares\nCASH,0\n", "보유 종목과 예수금이 모두 없는 계좌입니다"),
        ("code;number\n1;2\n", "보유수량이 있는 제목 행이 없습니다"),
    ],
)
def test_what_is_wrong_with_a_holdings_file_is_said_in_korean(
    jeoul: Any, tmp_path: Path, text: str, said: str
) -> None:
    """Line by line nothing of it is English, whatever is wrong."""
    file = tmp_path / "mine.csv"
    file.write_text(text, "utf-8")
    told = jeoul("import", str(file), "--lang", "ko")
    assert told.code == 2
    assert said in told.err
    assert not re.search(r"\b(is|has|the|write|keep)\b", told.err)


def test_a_decision_names_profile_and_account_in_its_language(jeoul: Any) -> None:
    for lang, head, side in (
        ("ko", "managed · 균형 포트폴리오 · ISA 계좌 · ", "매수 "),
        ("en", "managed, balanced, ISA account, ", "BUY "),
    ):
        told = jeoul(*DECIDE, "--account", "isa", "--cash", "1억", "--lang", lang)
        assert head in told.out
        assert f"\n{side}" in told.out
        assert "None" not in told.out


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("age = 200", "200은(는) 나이가 아닙니다. 1~120 사이의 나이를 적으십시오"),
        ("growth = nan", "NaN은(는) 숫자가 아닙니다. 5%는 0.05처럼"),
        ('budget = "삼천"', "1,000,000, 100만, 1억 2천만, 1e6 형식으로 입력하십시오"),
        ('paid = { "2022" = 30_000_000 }', "남아 있던 한도 20000000 이하로 적으십시오"),
        ("opened = 2022-01-10T10:00:00", "2022-01-10T10:00:00은(는) 날짜가 아닙니다"),
        ("gain = 6", "이익 6이(가) 계좌 평가액 0보다 큽니다"),
    ],
)
def test_what_no_person_can_have_is_said_in_korean(
    jeoul: Any, tmp_path: Path, line: str, told: str
) -> None:
    keys = {"year": "2026", "age": "40", "wages": "1", "budget": "1", "horizon_years": "9"}
    keys["growth"] = "0.05"
    name, _, value = line.partition(" = ")
    inside = {"opened": "2022-01-10", name: value} if name in ("paid", "opened", "gain") else {}
    keys |= {} if inside else {name: value}
    text = "".join(f"{key} = {written}\n" for key, written in keys.items())
    text += "[isa]\n" + "".join(f"{key} = {written}\n" for key, written in inside.items())
    (tmp_path / "me.toml").write_text(text if inside else text.removesuffix("[isa]\n"), "utf-8")
    err = jeoul("plan", tmp_path / "me.toml", "--lang", "ko").err
    assert told.replace(". ", "; ", 1) in err or told in err


def test_a_comparison_without_a_payment_is_refused_in_korean(jeoul: Any) -> None:
    """It was once read as the sentence on two amounts of a statement that differ."""
    err = jeoul("compare-accounts", "--monthly", "0", "--lang", "ko").err
    assert "monthly는 0, lump는 0입니다. 둘 가운데 하나는 0보다 크게 지정하십시오" in err
