"""The charts of every page, as pure functions over frozen values: see :mod:`.figure`."""
