"""A first day at a broker's host: what it answers, compared with what the adapter expects."""

from jeoul.operations.probe.examination import Examination, examine
from jeoul.operations.probe.one_share import OneShare, try_one_share
from jeoul.operations.probe.opening import opened

__all__ = ["Examination", "OneShare", "examine", "opened", "try_one_share"]
