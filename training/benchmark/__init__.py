"""Training speed of this machine, measured on synthetic images without a supervisor."""
