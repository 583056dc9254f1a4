"""What a training keeps an eye on: what it starts from, what it costs, and where it was interrupted."""
