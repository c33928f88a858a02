"""Where market data comes from: the port, and one module for each source behind it."""
