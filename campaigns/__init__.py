"""What we say, when, and what became of every message."""
