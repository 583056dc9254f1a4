"""Pictures of predictions, decisions and of how learning went; one look for all of them."""
