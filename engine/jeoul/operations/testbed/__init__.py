"""Evidence for whoever examines a firm's algorithm: promotions, figures, a log of rebalancing."""
