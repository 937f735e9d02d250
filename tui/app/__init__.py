"""The Textual application: start-up, navigation and command palette."""
