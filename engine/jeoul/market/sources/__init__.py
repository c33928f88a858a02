"""Where market data comes from: the port, the sources behind it, and a fetch of many symbols."""
