"""Who agreed, to what, and the proof."""
