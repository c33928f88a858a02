"""propose and place: the order of the stages, and nothing else."""

from jeoul.pipeline.allocation import Allocation
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.propose import Model, present, propose, run_model
from jeoul.pipeline.replay import Trade, Trace

__all__ = [
    "Allocation",
    "Mandate",
    "Model",
    "Trace",
    "Trade",
    "present",
    "propose",
    "run_model",
]
