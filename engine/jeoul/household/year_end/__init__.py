"""What is worth doing before a year ends."""
