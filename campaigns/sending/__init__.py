"""The broadcast engine: start, claim, arm, send, record, sweep.

Every step may run twice, or die half-way, without messaging anybody twice. Three rules make
that so:

* The row is the job. A delivery exists once per broadcast and subscriber, and moves only by a
  guarded UPDATE (campaigns/states.py).
* Before the first byte leaves, an attempt with a random token is committed. The statement that
  arms it re-reads consent, tier, broadcast and channel under the locks that STOP, pause and
  the kill switch take.
* An answer that nobody heard is a state of its own (in doubt), in itself no reason to send again
  (campaigns/doubt.py).
"""

from campaigns.sending.pump import pump
from campaigns.sending.start import start, start_due
from campaigns.sending.sweep import sweep

__all__ = ["pump", "start", "start_due", "sweep"]
