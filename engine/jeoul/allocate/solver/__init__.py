"""The quadratic program: its form, the paths that solve it, and the certificate of an answer."""
