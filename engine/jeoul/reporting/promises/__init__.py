"""Promises and what came of them, as data, as text and as a page."""
