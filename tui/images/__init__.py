"""Images of a dataset as characters."""
