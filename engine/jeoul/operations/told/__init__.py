"""What a run reports: documents, history, notes and notifications."""
