"""Units, territories, members, roles and duties in the API."""
