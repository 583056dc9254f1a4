"""One file a benchmark: what its JSON says, as a section of `docs/results.md`."""
