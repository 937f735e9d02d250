"""How studies are run and shown on the command line."""
