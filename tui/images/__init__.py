"""Images of a dataset as characters, or as pictures where a terminal shows them."""
