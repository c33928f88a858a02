"""`jeoul serve`: the accounts of a household as pages, on this machine alone."""
