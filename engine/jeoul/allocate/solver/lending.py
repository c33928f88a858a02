"""DAQP workspaces that go from problem to problem, each of them solved as if it were the first."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import daqp
import numpy as np

from jeoul.allocate.solver.form import ProgramForm
from jeoul.allocate.solver.workspace import EQUALITY, SETTINGS
from jeoul.model.calendar import Reals

Answer = tuple[Reals, Reals]
"""Variables and multipliers."""


class LentWorkspace:
    """A DAQP workspace that takes one problem after another, each as if it were new."""

    def __init__(self, form: ProgramForm) -> None:
        self._form = form
        self._model: daqp.Model | None = None
        # Slack has no curvature, and proximal iterations begin where the last ones ended.
        self._again = form.size == form.shape.n
        self._sense = np.zeros(len(form.low), dtype=np.intc)
        self._sense[form.size] = EQUALITY  # the budget

    def begin(self, matrix: Reals, linear: Reals, lower: Reals, upper: Reals) -> Answer | None:
        """Return the optimum of a new problem, None if DAQP finds none."""
        if self._model is not None and self._again:
            # The workspace keeps its memory. Each use writes its matrix, bounds and active set.
            flag = self._model.update(matrix, linear, None, upper, lower, self._sense)
            if flag >= 0:
                x, _, flag, said = self._model.solve()
                # More than one node: proximal iterations, of a matrix near singular.
                if flag > 0 and said.get("nodes", 1) == 1:
                    return x, said["lam"]
        self._model = daqp.Model()
        self._model.settings = SETTINGS
        flag, _ = self._model.setup(matrix, linear, self._form.a, upper, lower, self._sense)
        return self._answer(flag)

    def step(self, matrix: Reals | None, linear: Reals) -> Answer | None:
        """Return the optimum with another matrix and linear term, from the last active set."""
        if self._model is None:
            return None
        return self._answer(self._model.update(matrix, linear))

    def _answer(self, flag: int) -> Answer | None:
        if flag >= 0 and self._model is not None:
            x, _, flag, said = self._model.solve()
            if flag > 0:
                return x, said["lam"]
        self._model = None
        return None


@lru_cache(maxsize=64)
def _idle(_: ProgramForm) -> list[LentWorkspace]:
    return []


def lent(form: ProgramForm) -> LentWorkspace:
    """Return an idle workspace of a form; to make one takes three times as long as a solve."""
    try:
        return _idle(form).pop()
    except IndexError:  # none, or another thread took the last one
        return LentWorkspace(form)


def give_back(form: ProgramForm, workspaces: Iterable[LentWorkspace]) -> None:
    """Leave workspaces of a form to the next problems; they hold none of their numbers."""
    _idle(form).extend(workspaces)
