"""A simulated market of 30 years; nothing about any real market follows from it.

Run ``PYTHONPATH=engine:data/generators python -m sample`` in the checkout to write ``data/sample``
again; the same code and numpy write the same bytes. The parts, in the order of their use:

``script``       which regime rules when, and what each regime is like
``factors``      daily latent factors: equity, currencies, yields, gold, oil
``signals``      what is published about them: VIX and its term structure, spreads, macro series
``instruments``  funds as functions of the factors, with fees and distributions
``files``        ticks, events, CSV text and the manifest

``calibration.toml`` lists the published long-run facts that the files are held to, each with its
source; ``tests/data/test_sample.py`` measures the files against them.
"""
