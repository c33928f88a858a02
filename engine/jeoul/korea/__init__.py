"""Korean accounts, taxes, limits and products: pure functions over the tables in data/rules.

Only :mod:`jeoul.korea.tables` reads files; everything else takes a :class:`Rulebook` and integers
and gives back frozen records that carry the steps of their calculation.
"""
