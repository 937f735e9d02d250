"""Dataset files on disk: catalog, checks, idx arrays and the user's own datasets. No torch."""
