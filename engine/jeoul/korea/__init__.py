"""Korean accounts, taxes, limits and products: pure functions over the tables in data/rules.

Only :mod:`jeoul.korea.tables` reads files; everything else takes a :class:`Rulebook` and integers
and gives back frozen records that carry the steps of their calculation. A new number of a year is a
table in ``data/rules/YEAR.toml``; a new calculation is a function here and one line in
:data:`jeoul.korea.rules.RULES`.
"""
