"""The strategy file and the universe it names: schemas, loading, and the list of component kinds."""
