"""What counts toward metrics: the ledger of credits, and their sums by day."""
