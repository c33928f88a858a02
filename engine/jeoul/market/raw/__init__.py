"""What a vendor showed: its answers, the series they add up to, and prices as they were traded."""
