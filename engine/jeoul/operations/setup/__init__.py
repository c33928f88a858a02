"""What a run is given: its config, calendar, clock, secrets, lock and memory."""
