"""Brokers behind one port: paper, ticket, Korea Investment."""
