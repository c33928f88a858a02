"""Research that counts its trials: compare, sweep, walk forward, placebos, and their statistics."""
