"""propose and place: the order of the stages, and nothing else."""

from typing import TYPE_CHECKING

from jeoul import moved
from jeoul.pipeline.allocation import RowAllocation
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.placing import default_rules, place
from jeoul.pipeline.proposing import present, propose
from jeoul.pipeline.proving import prove
from jeoul.pipeline.replay import ModelTrade, Trace
from jeoul.pipeline.run import Model, run_model

__all__ = [
    "Mandate",
    "Model",
    "ModelTrade",
    "RowAllocation",
    "Trace",
    "default_rules",
    "place",
    "present",
    "propose",
    "prove",
    "run_model",
]

if not TYPE_CHECKING:  # with it in sight, every misspelt name would be an Any
    __getattr__ = moved.old_names(__name__)
