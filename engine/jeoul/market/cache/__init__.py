"""What was fetched, kept as it came, and the market folders written from it."""
