"""Nouns: frozen records that the stages hand to each other. No I/O, no clock."""
