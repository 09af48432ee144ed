"""Speed, as ratios of alternating runs against a named peer."""
