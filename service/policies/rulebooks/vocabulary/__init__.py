"""What rulebook documents may speak of: facts, decisions and outcomes, in three languages."""
