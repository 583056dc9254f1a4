"""Pictures as vectors of a frozen network."""
