"""A second reading: of the data before a model is trained, one check a file. Empty but for this, so that listing checks loads nothing."""
