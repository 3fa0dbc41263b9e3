"""Three companies with a history: made by the real commands under a clock that runs ahead."""
