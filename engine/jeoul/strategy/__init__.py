"""The strategy file and the universe it names: schemas and loading."""
