"""Makes the report of a run, or of several, from their results."""
