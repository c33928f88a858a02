"""A household as a program sees it, what moves cost and which rules they break."""
