"""Business that is hoped for: opportunities, the stages they go through, how sure they are."""
