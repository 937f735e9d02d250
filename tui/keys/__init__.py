"""The one table of actions, and what is made of it."""
