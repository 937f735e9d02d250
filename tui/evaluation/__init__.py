"""Pages of scored images as lines: predictions, confusion matrix, out-of-distribution images."""
