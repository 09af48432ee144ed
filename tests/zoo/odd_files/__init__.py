"""What practitioners bring: a row for each odd file, in a module for each kind."""
