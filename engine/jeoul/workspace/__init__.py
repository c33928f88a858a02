"""A person's own files opened with the market: what the command line and the web pages share."""
