"""Speed benchmarks: time ratios of alternating runs against a named peer."""
