"""A firm's day: its clients, one plan for all, blocks for the market, fair shares, and fees."""
