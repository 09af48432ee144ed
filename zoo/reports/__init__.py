"""Pictures of a finished run, and a page that holds them all."""
