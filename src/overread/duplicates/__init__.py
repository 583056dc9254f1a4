"""Near-copies: found by local features, believed only after a fit of geometry and pixels."""
