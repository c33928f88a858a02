"""A household as a mixed-integer linear program."""
