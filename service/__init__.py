"""Bailiwick: sales management that keeps duty, authority and obligation together."""
