"""What a model gets right and wrong, as pages of a session show it."""
