"""All accounts of a household as one program: what to buy, sell and pay in, after tax."""
