"""Datasets into memory: loading, download, import of image folders, safe loading."""
