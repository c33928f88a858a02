"""The live shell: scheduled runs that place each order exactly once."""
