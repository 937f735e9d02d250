"""Formatting, sanitizing and fitting of text. No Textual."""
