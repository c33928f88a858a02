"""Latches and the risk state machine: how much of the risk assets to hold, and why.

The rules are tables of a strategy file: ``[overlay.vix]``, ``[overlay.trend]``, ``[overlay.loss]``,
``[overlay.curve]``, and one ``[overlay.watch.NAME]`` for each latch of one's own
(:mod:`jeoul.strategy.tables.watch`). What they do is :func:`jeoul.overlay.machine.step`.
"""

from typing import TYPE_CHECKING

from jeoul import moved
from jeoul.overlay.course import OverlayCourse
from jeoul.overlay.explanation import OverlayEvent, events, explain, session_date
from jeoul.overlay.machine import Step, compile_step, compile_turn, memory_of, mode_of, step
from jeoul.overlay.memory import from_json, to_json
from jeoul.overlay.records import (
    STATES,
    LatchRule,
    OverlayParams,
    OverlayState,
    Reading,
    initial_state,
    latches_on,
    params_from,
)
from jeoul.overlay.refuge import Cut, cut_of

__all__ = [
    "STATES",
    "Cut",
    "LatchRule",
    "OverlayCourse",
    "OverlayEvent",
    "OverlayParams",
    "OverlayState",
    "Reading",
    "Step",
    "compile_step",
    "compile_turn",
    "cut_of",
    "events",
    "explain",
    "from_json",
    "initial_state",
    "latches_on",
    "memory_of",
    "mode_of",
    "params_from",
    "session_date",
    "step",
    "to_json",
]

if not TYPE_CHECKING:  # with it in sight, every misspelt name would be an Any
    __getattr__ = moved.old_names(__name__)
