"""The tables of a strategy file, one module for each."""
