"""Readings of devices: their feed, and lines, texts and tables of them."""
