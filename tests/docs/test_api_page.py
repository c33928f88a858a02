"""The page of the Python API says what the docstrings say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import jeoul


@pytest.fixture(scope="module")
def generator(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_api", root / "docs" / "make_api.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(generator: ModuleType) -> None:
    assert generator.PAGE.read_text("utf-8") == generator.page(), "run python docs/make_api.py"


@pytest.mark.parametrize("name", [name for name in jeoul.__all__ if name != "__version__"])
def test_every_public_name_has_a_section(generator: ModuleType, name: str) -> None:
    heading = generator.heading(name, getattr(jeoul, name))
    assert f"\n## {heading}\n" in generator.PAGE.read_text("utf-8")


def test_a_function_is_shown_with_signature_explanation_and_example(generator: ModuleType) -> None:
    def weigh(pan: int = 2, *, side: str | None = None) -> int:
        """Return what lies on a pan, see :func:`~jeoul.place`.

        >>> 1 + 1
        2
        """
        return pan

    text = generator.section("weigh", weigh)
    assert "weigh(pan: int = 2, *, side: str | None = None) -> int" in text
    assert "see `place`." in text
    assert "```pycon\n>>> 1 + 1\n2\n```" in text


def test_a_function_of_two_forms_is_shown_in_both(generator: ModuleType) -> None:
    first, second = generator.calls("solve", jeoul.solve).split("\njeoul.solve(")
    assert first == (
        "jeoul.solve(\n    mean: Program,\n    covariance: Estimated,\n    *,\n"
        "    extra: Extra | None = None,\n) -> Allocation"
    )
    assert "risk_aversion: float," in second
