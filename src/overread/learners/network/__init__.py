"""A trunk with a head as a model, whoever found its numbers: trained by steps, solved, or brought from elsewhere."""
