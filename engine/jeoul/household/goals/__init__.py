"""The goals of a household as :mod:`jeoul.goals` simulates them: beliefs, pots, shares, answers."""
