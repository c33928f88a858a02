"""What a type checker in strict mode sees of the public API, from a user's own script."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from mypy import api as mypy

from jeoul import assets

ROOT = assets.root()
EXAMPLE = ROOT / "docs" / "examples" / "notebook.py"
REVEALED = """\
import jeoul
reveal_type(jeoul.propose)
reveal_type(jeoul.place)
reveal_type(jeoul.backtest)
reveal_type(jeoul.summarise)
reveal_type(jeoul.compare)
reveal_type(jeoul.account_backtest)
reveal_type(jeoul.report)
reveal_type(jeoul.solve([0.05], [[0.04]], risk_aversion=2.0))
reveal_type(jeoul.open_market())
reveal_type(jeoul.load_strategy("managed"))
"""
NOTEBOOK = """\
from pathlib import Path

import jeoul
import pandas as pd

jeoul.set_language("en")
market = jeoul.open_market(pd.DataFrame({"069500": [1.0]}))
proposal = jeoul.propose("managed", "balanced", "isa", market)
held = {"069500": 30, "CASH": 3_000_000}
for holdings in (held, pd.Series(held), Path("mine.csv"), jeoul.Portfolio({}, 1)):
    decision = jeoul.place(proposal, holdings)
run = jeoul.backtest(Path("my.toml"), "balanced", market)
report = jeoul.report("managed", market, holdings=held)
reveal_type(jeoul.frontier("managed", "balanced", market).plot())
reveal_type(run.plot(run.plot(), lang="ko"))
reveal_type(decision.to_frame())
report.export(Path("report.html"))
"""
RETURNED = [
    "jeoul.model.decision.Proposal",
    "jeoul.model.decision.Decision",
    "jeoul.backtesting.run.Backtest",
    "jeoul.backtesting.run.Summary",
    "jeoul.research.compare.Comparison",
    "jeoul.account.records.AccountRun",
    "jeoul.reporting.report.Report",
    "jeoul.allocate.frames.Allocation",
]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[str, int]]:
    """What ``mypy --strict`` prints about a script of a user, and its exit code."""
    folder = tmp_path_factory.mktemp("mypy")

    def check(text: str) -> tuple[str, int]:
        script = folder / "script.py"
        script.write_text(text, "utf-8")
        config = ["--strict", "--config-file", str(ROOT / "pyproject.toml")]
        out, _, code = mypy.run([*config, "--cache-dir", str(folder / "cache"), str(script)])
        return out, code

    return check


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_a_verb_is_a_callable_with_its_types(checked: Callable[[str], tuple[str, int]]) -> None:
    out, code = checked(REVEALED)
    assert code == 0
    *verbs, market, strategy = re.findall(r'Revealed type is "(.*)"', out)
    assert [verb.rpartition(" -> ")[2] for verb in verbs] == RETURNED
    assert all(verb.startswith("def (") for verb in verbs[:-1])
    assert (market, strategy) == ("jeoul.market.market.Market", "jeoul.strategy.schema.Strategy")


def test_names_dicts_and_frames_are_typed(checked: Callable[[str], tuple[str, int]]) -> None:
    out, code = checked(NOTEBOOK)
    assert (re.findall(r": error: (.*)", out), code) == ([], 0)
    axes, again, frame = re.findall(r'Revealed type is "(.*)"', out)
    assert axes == again == "matplotlib.axes._axes.Axes"
    assert frame == "pandas.core.frame.DataFrame"


def test_a_program_is_solved_on_an_estimate_or_means_under_rules_and_nothing_else(
    checked: Callable[[str], tuple[str, int]],
) -> None:
    script = (
        "import jeoul\nimport numpy as np\nfrom jeoul.allocate import Program\n"
        "from jeoul.estimate import Estimate\n"
        'program = Program(labels=("a",), risk_aversion=2.0)\n'
        'estimate = Estimate(("a",), np.array([0.05]), np.array([[0.04]]))\n'
        "reveal_type(jeoul.solve(program, estimate, extra=lambda w: [w[0] <= 1]))\n"
        "jeoul.solve([0.05], [[0.04]])\n"
    )
    out, code = checked(script)
    assert code == 1
    assert re.findall(r'Revealed type is "(.*)"', out) == ["jeoul.allocate.frames.Allocation"]
    assert re.findall(r"script.py:(\d+): error: (.*)\[", out) == [
        (
            "8",
            'No overload variant of "allocate" matches argument types "list[float]", '
            '"list[list[float]]"  ',
        )
    ]


def test_what_cannot_be_shown_is_an_error_and_not_any(
    checked: Callable[[str], tuple[str, int]],
) -> None:
    script = "import jeoul\njeoul.Portfolio({}, 1).plot()\njeoul.place(jeoul.open_market(), 3)\n"
    out, code = checked(script)
    assert code == 1
    assert '"Portfolio" has no attribute "plot"' in out
    assert out.count("incompatible type") == 2


def test_a_misspelt_name_is_an_error_and_not_any(
    checked: Callable[[str], tuple[str, int]],
) -> None:
    out, code = checked("import jeoul\njeoul.porpose\njeoul.backtest.summarise\n")
    assert code == 1
    assert 'has no attribute "porpose"' in out
    assert 'has no attribute "summarise"' in out  # jeoul.backtest is the verb, not a package


def test_the_example_is_clean(checked: Callable[[str], tuple[str, int]]) -> None:
    out, code = checked(EXAMPLE.read_text("utf-8"))
    assert (out.strip(), code) == ("Success: no issues found in 1 source file", 0)


def test_the_example_runs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    said = capsys.readouterr().out
    assert re.search(r"^BUY \d{6} \d+ \d+$", said, re.MULTILINE)
    assert "the account is worth" in said
    assert list(tmp_path.iterdir()) == []  # nothing is written beside the page that is returned
