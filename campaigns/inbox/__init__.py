"""Webhooks: stored once, what people say acted on at once, statuses applied afterwards.

What this package promises:

* A body is kept, sealed, before we answer 200, and until everything in it has been applied.
* A STOP counts before we answer 200. If it cannot be honoured, we do not answer 200.
* One poisoned element never blocks its neighbours; it is tried again and then put aside.
* The same body or message may come any number of times.

`storing` is what a request waits for, `applying` what a worker does later; both hear people.
"""

from campaigns.inbox.applying import apply_pending, try_again
from campaigns.inbox.desk import Desk
from campaigns.inbox.storing import NotHonoured, Received, receive

__all__ = ["Desk", "NotHonoured", "Received", "apply_pending", "receive", "try_again"]
