"""The commands of the command line, one module per group, each loaded only when it is called."""
