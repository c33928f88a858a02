"""Decisions looked back at, for people: JSON, a terminal and a page say the same."""
