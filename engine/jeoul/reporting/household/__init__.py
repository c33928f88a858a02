"""The answer to a household: its facts, and the terminal, the page and the data made from them."""
