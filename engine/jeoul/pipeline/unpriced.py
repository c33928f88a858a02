"""Which funds of a strategy have no row in the data: most often why it cannot be invested."""

from __future__ import annotations

import numpy as np

from jeoul.model.history import History
from jeoul.pipeline.mandate import Mandate


def never_priced(mandate: Mandate, history: History) -> str:
    """Return the codes of the members without a single return, preferred funds alone, in words."""
    never = [place for place in mandate.members if np.isnan(history.returns[:, place]).all()]
    return ", ".join(mandate.universe.members[place].codes[0] for place in never)
