"""Answer files: what is read, and how a bad one is refused with all of its problems."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jeoul import assets
from jeoul.errors import ConfigError
from jeoul.profile import load_answers

GOOD = """\
age = 45
horizon = "2y"
experience = "mixed"
knowledge = "low"
share = "30"
income = "falling"
loss = "10"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answers.toml"


def problems(path: Path, text: str) -> list[str]:
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refusal:
        load_answers(path)
    assert refusal.value.exit_code == 2
    return [str(problem).removeprefix(str(path)) for problem in refusal.value.problems]


def test_the_seven_answers_are_enough(file: Path) -> None:
    file.write_text(GOOD, "utf-8")
    answers = load_answers(file)
    assert (answers.age, answers.share, answers.answered) == (45, "30", None)


def test_a_date_and_a_purpose_may_be_added(file: Path) -> None:
    file.write_text(
        GOOD + 'answered = 2026-05-04\npurpose = "노후 자금"\ngoal = "2억 원"\n', "utf-8"
    )
    answers = load_answers(file)
    assert answers.answered == date(2026, 5, 4)
    assert (answers.purpose, answers.goal) == ("노후 자금", "2억 원")


def test_a_byte_order_mark_does_no_harm(file: Path) -> None:
    file.write_text(GOOD, "utf-8-sig")
    assert load_answers(file).horizon == "2y"


def test_the_shipped_example_is_the_published_middle_case() -> None:
    example = load_answers(assets.root() / "configs" / "answers-example.toml")
    assert (example.age, example.horizon, example.loss) == (45, "2y", "10")


def test_every_problem_of_a_file_comes_at_once(file: Path) -> None:
    found = problems(
        file,
        """\
age = 300
horizon = "4y"
experiense = "mixed"
knowledge = "low"
share = 30
income = true
answered = "yesterday"
purpose = 7
""",
    )
    assert found == [
        ': experience: is missing; answer it with one of "deposit", "bond_fund", "mixed", '
        '"stock", "derivative"',
        ': loss: is missing; answer it with one of "none", "10", "20", "any"',
        ":1: age: 300 is not an age; give full years from 1 to 120",
        ':2: horizon: \'4y\' is not an answer; use one of "6m", "12m", "2y", "3y", "3y+"',
        ":3: unknown key 'experiense' at the top level; did you mean 'experience'?",
        ':5: share: 30 is not text; write it in quotes: "30"',
        ':6: income: True is not an answer; use one of "none", "falling", "stable"',
        ":7: answered: 'yesterday' is not a date; write it without quotes, as 2026-05-04",
        ":8: purpose: 7 is not text; write it in quotes",
    ]


@pytest.mark.parametrize(
    "age", ["300", "0", "-5", "121", "45.5", '"45"', "true", "2026-01-01", "nan", "[45]"]
)
def test_an_absurd_age_is_refused(file: Path, age: str) -> None:
    found = problems(file, GOOD.replace("age = 45", f"age = {age}"))
    assert len(found) == 1
    assert found[0].startswith(":1: age: ")
    assert found[0].endswith("is not an age; give full years from 1 to 120")


def test_an_empty_file_lacks_all_seven(file: Path) -> None:
    assert len(problems(file, "")) == 7


def test_a_date_with_a_time_is_no_date(file: Path) -> None:
    found = problems(file, GOOD + "answered = 2026-05-04T10:00:00\n")
    assert "answered" in found[0]
    assert "is not a date" in found[0]


@pytest.mark.parametrize(
    ("text", "line"),
    [("age = 45\nhorizon = 2y\n", 2), ("age: 45\n", 1), ("age = 45\nage = 46\n", 2)],
)
def test_what_is_no_toml_is_told_with_its_line(file: Path, text: str, line: int) -> None:
    found = problems(file, text)
    assert len(found) == 1
    assert found[0].startswith(f":{line}: is not TOML: ")
    assert "correct this line" in found[0]


def test_a_missing_file_and_a_wrong_encoding_are_refused(file: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load_answers(file)
    file.write_bytes("purpose = '노후'".encode("cp949"))
    with pytest.raises(ConfigError, match="save it as UTF-8"):
        load_answers(file)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        load_answers(tmp_path)


def test_a_choice_of_insurance_needs_its_day_and_what_was_shown(file: Path) -> None:
    text = GOOD + '[overlay]\nchoice = "mild"\nchosen = "today"\nshwon = "x"\n'
    found = problems(file, text)
    assert [line.split(": ")[1] for line in found] == [
        "overlay.shown",
        "overlay.choice",
        "overlay.chosen",
        "unknown key 'shwon' in [overlay]; did you mean 'shown'?",
    ]
    assert 'use one of "strong", "light", "none"' in found[1]
    assert problems(file, 'overlay = "light"\n' + GOOD)[0].startswith(":1: overlay: ")


def test_a_file_without_any_answer_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "unknown.toml"
    file.write_text('colour = "red"\n', "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_answers(file)
    assert [str(problem) for problem in refused.value.problems] == [
        f"{file}: has none of the seven answers, so it is another kind of file; "
        "write one with jeoul profile --ask --out FILE"
    ]
