"""Messages of both pipes, clients, and starting a supervisor."""
