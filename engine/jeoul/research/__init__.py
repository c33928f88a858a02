"""What was found on history: comparisons, intervals, verdicts."""
