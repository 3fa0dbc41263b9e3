"""The verbs of stories, each one or more real commands and what they answered."""

from service.simulation.verbs.stage import Reply, StoryStage, open_stage

__all__ = ["Reply", "StoryStage", "open_stage"]
