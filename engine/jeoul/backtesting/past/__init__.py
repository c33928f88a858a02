"""What a path of unit values came to, as people ask of it: one module for each table."""
