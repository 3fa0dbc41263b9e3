"""What a file says, and what it would change. Pure."""
