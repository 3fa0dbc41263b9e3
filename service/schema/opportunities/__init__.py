"""Opportunities and their stages over the API."""
