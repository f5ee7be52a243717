"""The last question before the first byte: is there anything that the database cannot know?

What is armed is committed, and counts for everybody who asks the database. A STOP that came while
the database was away waits on disk (campaigns/outage.py), and has been acknowledged.
"""

from campaigns.spool import Spool


def may_leave(*, spool: Spool) -> bool:
    """Tell whether a group may be sent whose attempts are committed.

    Asked after the commit, so that no STOP can have been acknowledged before it unseen.
    """
    return not spool.is_waiting()
