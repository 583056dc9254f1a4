"""Which rows a verb works on: read, looked at, divided."""
