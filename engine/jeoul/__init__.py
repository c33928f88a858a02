"""jeoul (저울): a rule-based robo-advisor engine, Korean market first."""

__version__ = "0.1.0"
