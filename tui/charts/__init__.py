"""Charts of sessions, from their metric files to lines of a terminal and text alternatives."""
