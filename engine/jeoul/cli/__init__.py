"""One file per command, and the lazy group that finds them."""
