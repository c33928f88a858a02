"""propose and place: the order of the stages, and nothing else."""

from jeoul.pipeline.allocation import Allocation
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.placing import default_rules, place
from jeoul.pipeline.proposing import present, propose
from jeoul.pipeline.proving import prove
from jeoul.pipeline.replay import Trace, Trade
from jeoul.pipeline.run import Model, run_model

__all__ = [
    "Allocation",
    "Mandate",
    "Model",
    "Trace",
    "Trade",
    "default_rules",
    "place",
    "present",
    "propose",
    "prove",
    "run_model",
]
