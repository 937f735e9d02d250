"""The names of the themes, for the command line, which does without Textual."""

THEME_NAMES = ("dark", "light", "colour-blind", "monochrome")
