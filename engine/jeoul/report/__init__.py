"""What a person reads: one self-contained HTML file per run."""
