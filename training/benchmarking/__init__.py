"""How fast this machine trains: measured on synthetic images, without a home or a supervisor."""
