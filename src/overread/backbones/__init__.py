"""Networks below the head: made by name, filled with weights that bring their own preprocessing, and cut into stages."""
