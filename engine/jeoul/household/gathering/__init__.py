"""From a file, a market and the law to the problem of a household."""
