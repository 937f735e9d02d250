"""State shared by the screens: board, filters, sorting, messages, link to the supervisor."""
