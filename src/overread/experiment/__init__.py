"""What a verb does: read, split, train, evaluate, predict, prepare; each file one verb, each function also the Python API."""
