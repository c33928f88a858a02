import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

import pytest


@pytest.fixture
def clock():
    from kis_desk import Watch

    return Watch()


@pytest.fixture
def venue():
    """Korea Investment's simulation host."""
    from kis_server import running

    with running() as found:
        yield found


@pytest.fixture
def real():
    """Korea Investment's real host."""
    from kis_server import running

    with running("real") as found:
        yield found


@pytest.fixture
def broker(venue, tmp_path, clock):
    from kis_desk import connect

    found = connect(venue, tmp_path, clock)
    yield found
    found.close()


@pytest.fixture
def real_broker(real, tmp_path, clock):
    from kis_desk import connect

    found = connect(real, tmp_path, clock)
    yield found
    found.close()


@pytest.fixture
def desk(broker, tmp_path, clock):
    from kis_desk import desk_over

    from jeoul.operations.ledger import open_ledger

    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    yield desk_over(broker, ledger, clock)
    ledger.close()
