"""Scorecards and bonus schemes: how what somebody has reached is weighed and rewarded."""
