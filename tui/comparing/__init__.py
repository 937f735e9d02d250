"""Sessions beside each other, as rows and lines."""
