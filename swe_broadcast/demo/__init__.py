"""A small utility to try everything with: 412 people, a desk, one real broadcast.

Nothing here writes a subscriber into a table. The people write to the number by WhatsApp, as
everybody does; only that WhatsApp is the simulator, and so are they.
"""
