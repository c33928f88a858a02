"""A household along history, after the taxes of every year."""
