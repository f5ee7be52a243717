"""Tools of those who work on the project; each runs by its path."""
