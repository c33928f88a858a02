"""The overlay's state as JSON text, exactly: a stored memory equals the replay of history."""

from __future__ import annotations

import json

import numpy as np

from jeoul.errors import DataError
from jeoul.overlay.records import OverlayState


def to_json(state: OverlayState) -> str:
    """Return the state as JSON text that :func:`from_json` reads back to the last bit.

    >>> from jeoul.overlay.records import initial_state, params_from
    >>> to_json(initial_state(params_from({}, window=2)))[:45]
    '{"session": -1000000, "scale": 1.0, "target":'
    """
    plain = {
        key: value.tolist() if isinstance(value, np.ndarray) else value
        for key, value in state._asdict().items()
    }
    return json.dumps(plain, allow_nan=False)


def from_json(text: str) -> OverlayState:
    """Return the state that :func:`to_json` wrote.

    Raises :class:`DataError` if the text is not such a state; replaying history rebuilds it.

    >>> from jeoul.overlay.records import initial_state, params_from
    >>> from_json(to_json(initial_state(params_from({})))).scale
    1.0
    """
    try:
        plain = json.loads(text)
        state = OverlayState(
            **plain
            | {
                "latches": np.array(plain["latches"], dtype=np.int64).reshape(-1, 6),
                "navs": np.array(plain["navs"], dtype=np.float64),
            }
        )
    except (ValueError, TypeError, KeyError) as fault:
        raise DataError(
            f"the stored overlay memory cannot be read ({fault}); delete it, a replay rebuilds it"
        ) from fault
    return state
