"""What learns from a catalog and predicts another; a learner is found by the `kind` a recipe or a model folder names."""
