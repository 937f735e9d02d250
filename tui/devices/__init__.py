"""Readings of the machine as text: on one line, on a screen, in a file."""
