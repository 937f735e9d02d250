"""Training manager for image classifiers: terminal interface, training and storage."""
