"""The strategy file and the universe it names: schemas and loading.

The shipped universes are tables in ``data/universes``: a fund is added there, its code under
``[members]`` and its facts under ``[instruments."CODE"]``. Their keys are those of
:mod:`jeoul.strategy.tables.universe`.
"""
