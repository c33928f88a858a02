"""A simulation of one person's year that knows the statutes and nothing of the engine.

``value(person, split, today)`` is what a split pays out, ``best(person, today)`` the best split
found by an exhaustive search, ``persons(seed, count)`` generated person files and
``as_toml(person)`` their text.
"""

from .people import as_toml, persons
from .search import best
from .simulate import Result, Split, value

__all__ = ["Result", "Split", "as_toml", "best", "persons", "value"]
