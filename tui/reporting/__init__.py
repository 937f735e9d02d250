"""Reports as people read them: one document, written as HTML, Markdown, CSV or JSON."""
