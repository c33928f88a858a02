"""Market folders written from the raw store."""
