"""Expected returns and covariance, from a window of returns to an annual estimate."""

from typing import TYPE_CHECKING

from jeoul import moved
from jeoul.estimate.aligned import aligned_window
from jeoul.estimate.covariance import (
    constant_correlation,
    ewma,
    factor,
    ledoit_wolf,
    nearest_definite,
    sample,
)
from jeoul.estimate.factored import (
    constant_correlation_factored,
    ewma_factored,
    factor_factored,
    ledoit_wolf_factored,
    sample_factored,
)
from jeoul.estimate.mean import equilibrium_mean, shrunk_mean, worst_case_mean
from jeoul.estimate.panel import PanelWindow, ReturnPanel
from jeoul.estimate.record import Estimate, FactorEstimate
from jeoul.estimate.views import Posterior, View, black_litterman, means_after_views
from jeoul.estimate.window import EstimateWindow

__all__ = [
    "Estimate",
    "EstimateWindow",
    "FactorEstimate",
    "PanelWindow",
    "Posterior",
    "ReturnPanel",
    "View",
    "aligned_window",
    "black_litterman",
    "constant_correlation",
    "constant_correlation_factored",
    "equilibrium_mean",
    "ewma",
    "ewma_factored",
    "factor",
    "factor_factored",
    "ledoit_wolf",
    "ledoit_wolf_factored",
    "means_after_views",
    "nearest_definite",
    "sample",
    "sample_factored",
    "shrunk_mean",
    "worst_case_mean",
]

if not TYPE_CHECKING:  # with it in sight, every misspelt name would be an Any
    __getattr__ = moved.old_names(__name__)
