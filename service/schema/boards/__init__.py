"""What counts toward metrics, and where everybody stands against target."""
