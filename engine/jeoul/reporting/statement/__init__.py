"""What an account or a household came to over the years, as a person reads it."""
