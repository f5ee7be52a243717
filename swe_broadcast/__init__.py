"""The project: wiring only. It imports everything and is imported by nobody."""
