"""Tables and reports and their writers: text, JSON, CSV, Markdown, HTML, SVG."""
