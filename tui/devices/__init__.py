"""What the machine does, as text: on one line, on a screen, in a file."""
