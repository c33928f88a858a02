"""Programs over hundreds or thousands of assets, with a covariance in factor form."""
