"""What cannot be done at the desk, said to whoever tried."""


class NotPossible(Exception):
    """This verb cannot be done now, or not by this user; says why in the user's language."""
