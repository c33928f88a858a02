"""The goals of a household for a person to read: a terminal, a page, JSON."""
