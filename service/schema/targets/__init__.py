"""Metrics, plans and targets through the API."""
