"""A firm's books: the plans of its mornings, who approved them, and how fills were shared."""
