"""Modal screens: questions, lists to choose from, the export prompt and help."""
