"""Import paths and names of 0.1.0 that have a new one: each answers with what it became.

``import jeoul.korea.person`` gives the module object ``jeoul.advice.person`` and a
``DeprecationWarning`` that names the new path. A name that a package offered and that has a new
one, such as ``jeoul.rebalance.Plan``, answers in the same way. Both go with 0.3.0.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from operator import attrgetter
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:  # importlib.abc reads resources too, which takes longer than all the rest
    from importlib.abc import Loader

PACKAGES: Mapping[str, str] = {
    "jeoul.backtest": "jeoul.backtesting",
    "jeoul.report": "jeoul.reporting",
}
"""Packages with a new name: a module in them keeps its own, unless MODULES says otherwise."""

MODULES: Mapping[str, str] = {
    "jeoul.account.tape": "jeoul.account.price_events",
    "jeoul.allocate.labelled": "jeoul.allocate.frames",
    "jeoul.allocate.optimum": "jeoul.allocate.solver.optimum",
    "jeoul.allocate.plain": "jeoul.allocate.heuristics",
    "jeoul.allocate.reasons": "jeoul.allocate.explanation",
    "jeoul.allocate.receipt": "jeoul.allocate.solver.certificate",
    "jeoul.allocate.reference": "jeoul.allocate.solver.reference",
    "jeoul.allocate.shares": "jeoul.allocate.solver.risk_budgets",
    "jeoul.allocate.solve": "jeoul.allocate.solving",
    "jeoul.allocate.sweep": "jeoul.allocate.families",
    "jeoul.backtest.account": "jeoul.account.life",
    "jeoul.backtest.account_figures": "jeoul.account.figures",
    "jeoul.backtest.account_file": "jeoul.account.file",
    "jeoul.backtest.account_records": "jeoul.account.records",
    "jeoul.backtest.account_terms": "jeoul.account.terms",
    "jeoul.backtest.exchange": "jeoul.account.exchange",
    "jeoul.backtest.metrics": "jeoul.metrics",
    "jeoul.cli.data_picture": "jeoul.reporting.data_page",
    "jeoul.cli.live": "jeoul.workspace.live",
    "jeoul.korea.compare": "jeoul.advice.compare",
    "jeoul.korea.explain": "jeoul.advice.explain",
    "jeoul.korea.faults": "jeoul.files.faults",
    "jeoul.korea.glide": "jeoul.advice.glide",
    "jeoul.korea.page": "jeoul.reporting.account_comparison",
    "jeoul.korea.person": "jeoul.advice.person",
    "jeoul.korea.plan": "jeoul.advice.plan",
    "jeoul.korea.recommend": "jeoul.advice.recommend",
    "jeoul.korea.review": "jeoul.advice.review",
    "jeoul.korea.routes": "jeoul.advice.routes",
    "jeoul.korea.won": "jeoul.korea.levy",
    "jeoul.korea.worth": "jeoul.advice.plan_value",
    "jeoul.market.cache.publish": "jeoul.market.publishing.publish",
    "jeoul.market.cache.swap": "jeoul.market.publishing.swap",
    "jeoul.market.cache.traded": "jeoul.market.raw.corrections",
    "jeoul.market.known": "jeoul.market.publication",
    "jeoul.market.noted": "jeoul.market.findings_file",
    "jeoul.market.sources.plan": "jeoul.market.fetching.plan",
    "jeoul.market.sources.pool": "jeoul.market.fetching.pool",
    "jeoul.market.sources.run": "jeoul.market.fetching.run",
    "jeoul.operations.approval": "jeoul.operations.desk.approval",
    "jeoul.operations.broker.factory": "jeoul.operations.broker.port",
    "jeoul.operations.broker.kis_wire": "jeoul.operations.broker.kis.wire",
    "jeoul.operations.calendar": "jeoul.operations.setup.calendar",
    "jeoul.operations.clock": "jeoul.operations.setup.clock",
    "jeoul.operations.config": "jeoul.operations.setup.config",
    "jeoul.operations.guards": "jeoul.operations.desk.guards",
    "jeoul.operations.intents": "jeoul.operations.desk.intents",
    "jeoul.operations.ledger.backup": "jeoul.operations.ledger.copies",
    "jeoul.operations.lock": "jeoul.operations.setup.lock",
    "jeoul.operations.memory": "jeoul.operations.setup.memory",
    "jeoul.operations.notes": "jeoul.operations.told.ledger_notes",
    "jeoul.operations.notify": "jeoul.operations.told.notify",
    "jeoul.operations.outcome": "jeoul.operations.setup.outcome",
    "jeoul.operations.past": "jeoul.operations.told.run_history",
    "jeoul.operations.protocol": "jeoul.operations.desk.protocol",
    "jeoul.operations.reconcile": "jeoul.operations.desk.reconcile",
    "jeoul.operations.records": "jeoul.operations.told.session_records",
    "jeoul.operations.schedule": "jeoul.operations.setup.schedule",
    "jeoul.operations.secrets": "jeoul.operations.setup.secrets",
    "jeoul.operations.shown": "jeoul.operations.told.run_document",
    "jeoul.operations.telling": "jeoul.operations.told.run_report",
    "jeoul.overlay.explain": "jeoul.overlay.explanation",
    "jeoul.pipeline.account": "jeoul.account.orders",
    "jeoul.pipeline.place": "jeoul.pipeline.placing",
    "jeoul.pipeline.propose": "jeoul.pipeline.proposing",
    "jeoul.profile.questionnaire": "jeoul.profile.form",
    "jeoul.rebalance.book": "jeoul.rebalance.account_problem",
    "jeoul.rebalance.drift": "jeoul.rebalance.distance",
    "jeoul.rebalance.exact": "jeoul.rebalance.milp",
    "jeoul.rebalance.search": "jeoul.rebalance.local_search",
    "jeoul.rebalance.shares": "jeoul.rebalance.plans",
    "jeoul.report.bars": "jeoul.reporting.charts.rows",
    "jeoul.report.plot": "jeoul.reporting.charts.scales",
    "jeoul.research.alone": "jeoul.research.single_index",
    "jeoul.research.choice": "jeoul.research.walk_choice",
    "jeoul.research.ways": "jeoul.research.evidence_strategies",
    "jeoul.strategy.toml": "jeoul.files.toml",
    "jeoul.transactions": "jeoul.database",
}
"""Modules with a new path."""

NAMES: Mapping[str, str] = {
    "jeoul.allocate:Diagnosis": "jeoul.allocate:ProgramDiagnosis",
    "jeoul.allocate:Prepared": "jeoul.allocate:PreparedProgram",
    "jeoul.estimate:Window": "jeoul.estimate:EstimateWindow",
    "jeoul.operations.ledger:Proof": "jeoul.operations.ledger:LedgerProof",
    "jeoul.operations.run:Request": "jeoul.operations.run:RunRequest",
    "jeoul.overlay:Event": "jeoul.overlay:OverlayEvent",
    "jeoul.pipeline:Allocation": "jeoul.pipeline:RowAllocation",
    "jeoul.pipeline:ONLINE_FEE": "jeoul.rebalance:ONLINE.rate",
    "jeoul.pipeline:Trade": "jeoul.pipeline:ModelTrade",
    "jeoul.rebalance:Certificate": "jeoul.rebalance:SharesCertificate",
    "jeoul.rebalance:Plan": "jeoul.rebalance:OrderPlan",
}
"""Names with a new one, of modules that list what they offer; each asks :func:`old_names`."""


def new_path(name: str) -> str | None:
    """Return what an old import path is called now, None for a path that did not move.

    >>> new_path("jeoul.backtest.metrics"), new_path("jeoul.report.charts")
    ('jeoul.metrics', 'jeoul.reporting.charts')
    """
    if name in MODULES:
        return MODULES[name]
    for old, new in PACKAGES.items():
        if name == old or name.startswith(f"{old}."):
            return new + name.removeprefix(old)
        if name.startswith(f"{new}."):  # `from jeoul.backtest import metrics` looks here
            return MODULES.get(old + name.removeprefix(new))
    return None


def old_names(module: str) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module: its old names answer with the new ones, and warn.

    An old name warns once in a process, as an old path does.
    """

    def answer(name: str) -> Any:
        new = NAMES.get(f"{module}:{name}")
        if new is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        warnings.warn(
            f"{module}.{name} is now {new.replace(':', '.')}; the old name goes with jeoul 0.3.0",
            DeprecationWarning,
            stacklevel=2,
        )
        home, _, path = new.partition(":")
        found = attrgetter(path)(importlib.import_module(home))
        setattr(sys.modules[module], name, found)
        return found

    return answer


class Package(ModuleType):
    """A package whose exports stay what they are when a module of the same name is imported.

    Importing ``jeoul.backtest`` binds the module to that name in ``jeoul``, where the verb is.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) and name in getattr(self, "__all__", ()):
            return
        super().__setattr__(name, value)


class _Answer:
    """Loads an old path by importing the new one."""

    def __init__(self, new: str) -> None:
        self._new = new
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        warnings.warn(
            f"{spec.name} is now {self._new}; the old path goes with jeoul 0.3.0",
            DeprecationWarning,
            stacklevel=2,
        )
        module = importlib.import_module(self._new)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        name = module.__spec__.name if module.__spec__ is not None else self._new
        module.__spec__ = self._spec  # the import system put the old path there
        parent = sys.modules[name.rpartition(".")[0]]
        if type(parent) is ModuleType:
            parent.__class__ = Package


class OldPaths:
    """Finds the paths of the tables, before the file system would load a second copy."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how an old path is loaded, None for every other name."""
        new = new_path(fullname) if fullname.startswith("jeoul.") else None
        return None if new is None else ModuleSpec(fullname, cast("Loader", _Answer(new)))


def install() -> None:
    """Let old import paths be found, once per process."""
    if not any(isinstance(finder, OldPaths) for finder in sys.meta_path):
        sys.meta_path.insert(0, OldPaths())
