"""Behaviours of screens: the base screen, and the objects that answer its keys."""
