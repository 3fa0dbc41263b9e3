"""The append-only ledgers: audit, decisions, events; and the keys of commands carried out."""
