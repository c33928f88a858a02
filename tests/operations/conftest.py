import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

import pytest


@pytest.fixture(autouse=True)
def locks_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs take the locks of their accounts in a folder of the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state-home"))


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Any]:
    """A desk over a small ledger, with a broker that a test writes down."""
    from scripted import Desk

    found = Desk(tmp_path)
    yield found
    found.ledger.close()


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A run over a small ledger, whose decision a test makes."""
    from staged import Day

    found = Day(tmp_path, monkeypatch)
    yield found
    found.at.ledger.close()


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.server)])
def either_store(request: Any) -> Iterator[None]:
    """The ledgers of benches are in files, and then on a server."""
    from bench import LEDGERS

    if request.param == "file":
        yield
        return
    from servers import fresh

    LEDGERS.append(lambda: fresh().url())
    yield
    LEDGERS.pop()


@pytest.fixture
def clock() -> Any:
    from kis_desk import Watch

    return Watch()


@pytest.fixture
def venue() -> Any:
    """Korea Investment's simulation host."""
    from kis_server import running

    with running() as found:
        yield found


@pytest.fixture
def real() -> Any:
    """Korea Investment's real host."""
    from kis_server import running

    with running("real") as found:
        yield found


@pytest.fixture
def broker(venue: Any, tmp_path: Any, clock: Any) -> Any:
    from kis_desk import connect

    found = connect(venue, tmp_path, clock)
    yield found
    found.close()


@pytest.fixture
def real_broker(real: Any, tmp_path: Any, clock: Any) -> Any:
    from kis_desk import connect

    found = connect(real, tmp_path, clock)
    yield found
    found.close()


@pytest.fixture
def desk(broker: Any, tmp_path: Any, clock: Any) -> Any:
    from kis_desk import desk_over

    from jeoul.operations.ledger import open_ledger

    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    yield desk_over(broker, ledger, clock)
    ledger.close()


@pytest.fixture
def place(tmp_path: Path) -> Any:
    """Where the ledger of a test lies: a file."""
    from stores import InFile

    return InFile(tmp_path)


@pytest.fixture
def ledger(place: Any) -> Iterator[Any]:
    """A ledger in a file that need not outlive the machine."""
    with closing(place.open()) as found:
        found.store.rows("PRAGMA synchronous=OFF")
        yield found
