"""Run tests in a forked process: the heavy libraries are imported once, not once a fault."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEAVY = ("numpy", "pandas", "scipy.sparse", "cvxpy", "numba", "pydantic", "hypothesis", "pytest")
OPTIONS = (
    "-x",
    "-q",
    "--no-header",
    "-pno:cacheprovider",
    "-Wignore::pytest.PytestAssertRewriteWarning",  # hypothesis is imported before the fork
)
SERVER = "JEOUL_TEST_POSTGRES"
"""Tests on a server are asked too where this variable names one."""
MARKS = "not slow and not browser and not full"
PAUSE = 0.02

Watch = Callable[[], Callable[[], None]]
"""Begins to watch a process, and returns what to call when its tests are over."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of tests ended: pytest's exit code, None after the timeout; the first failure.

    ``seconds`` are of a processor, so that what else the machine does changes them little.
    """

    code: int | None
    failure: str
    seconds: float


class _FirstFailure:
    """A pytest plugin that writes down which test failed first."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.place.read_text("utf-8"):
            self.place.write_text(report.nodeid, "utf-8")

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.place.read_text("utf-8"):
            self.place.write_text(f"{report.nodeid} (import)", "utf-8")


def preload() -> None:
    """Import what every test file needs and no fault is put into."""
    sys.dont_write_bytecode = True
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ.pop("JEOUL_MARKET", None)  # what is measured must be the same for everybody
    for name in HEAVY:
        importlib.import_module(name)


def run_tests(
    tree: Path, tests: Sequence[str], timeout: float, watch: Watch | None = None
) -> Ended:
    """Run tests of a tree until the first failure or the timeout, in a process of their own."""
    place = tree / "first_failure.txt"
    place.write_text("", "utf-8")
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        _child(tree, tests, place, watch)
    code = None
    try:
        while code is None and time.monotonic() - begun < timeout:
            ended, status, used = os.wait4(child, os.WNOHANG)
            code = os.waitstatus_to_exitcode(status) if ended else None
            time.sleep(PAUSE)
    finally:
        if code is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            _, _, used = os.wait4(child, 0)
    return Ended(code, place.read_text("utf-8"), used.ru_utime + used.ru_stime)


def _child(tree: Path, tests: Sequence[str], place: Path, watch: Watch | None) -> None:
    code = 70
    try:
        os.setsid()
        os.chdir(tree)
        said = os.open(tree / "said.txt", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        for stream in (0, 1, 2):
            os.dup2(said, stream)
        sys.path[:0] = [str(tree / "engine")]
        os.environ["PYTHONPATH"] = str(tree / "engine")  # the commands that tests start, too
        code = _pytest(tests, place, watch)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _pytest(tests: Sequence[str], place: Path, watch: Watch | None) -> int:
    import hypothesis
    import pytest

    # The same examples every time; a failure is all that is asked for, not the smallest one.
    hypothesis.settings.register_profile(
        "faults",
        derandomize=True,
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("faults")
    finished = None if watch is None else watch()
    marks = MARKS if os.environ.get(SERVER) else f"{MARKS} and not server"
    code = pytest.main(
        [*OPTIONS, "-m", marks, f"--basetemp={place.parent / 'tmp'}", *tests],
        plugins=[_FirstFailure(place)],
    )
    if finished is not None:
        finished()
    return int(code)
