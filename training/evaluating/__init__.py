"""How well a model answers a split: scores, calibration, and what is kept of them."""
