"""Two pure engines that decide and never store: `access` (who may) and `rulebooks` (what follows)."""
