"""What is done to metrics, plans and targets."""
