"""The form for new sessions without its widgets: drafts, checks, estimate, start."""
