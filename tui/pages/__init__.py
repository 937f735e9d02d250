"""Pages of the session screen, one per file, listed in `page_table.PAGES`."""
