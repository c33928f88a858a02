"""The quarterly letter as a page and as data."""
