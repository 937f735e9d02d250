"""What a machine says of its devices: this one, or a recorded one."""
