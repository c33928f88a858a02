"""A fetch plan carried out: what is due, asked of its sources, kept in the raw store."""
