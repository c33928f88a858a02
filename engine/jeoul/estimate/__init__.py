"""Expected returns and covariance, from a window of returns to an annual estimate."""

from jeoul.estimate.aligned import aligned_window
from jeoul.estimate.covariance import (
    constant_correlation,
    ewma,
    factor,
    ledoit_wolf,
    nearest_definite,
    sample,
)
from jeoul.estimate.mean import equilibrium_mean, shrunk_mean, worst_case_mean
from jeoul.estimate.record import Estimate, annualised
from jeoul.estimate.views import Posterior, View, black_litterman
from jeoul.estimate.window import Window, complete_window

__all__ = [
    "Estimate",
    "Posterior",
    "View",
    "Window",
    "aligned_window",
    "annualised",
    "black_litterman",
    "complete_window",
    "constant_correlation",
    "equilibrium_mean",
    "ewma",
    "factor",
    "ledoit_wolf",
    "nearest_definite",
    "sample",
    "shrunk_mean",
    "worst_case_mean",
]
