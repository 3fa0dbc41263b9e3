"""What the commands of reception read and lock, turned into facts: days and states counted here."""
