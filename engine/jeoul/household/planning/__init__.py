"""Plans of a household: exact with a proof, and fast."""
