"""Scorecards, bonus schemes and what comes of them, over the API."""
