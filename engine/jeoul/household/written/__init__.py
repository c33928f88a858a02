"""The file of a household, as people write it."""
