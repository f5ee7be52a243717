"""What a worker sends with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.hours import SendingHours
from campaigns.pace import Pace
from campaigns.spool import Spool
from subscribers.vault import Vault
from whatsapp.client import CloudClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The tools of one worker. Built once per process, at the edge (campaigns/connections.py)."""

    name: str  # of this worker; owns the batches it claims
    client: CloudClient
    vault: Vault
    pace: Pace
    hours: SendingHours
    spool: Spool  # while a webhook waits there, nothing is sent
    clock: Callable[[], datetime] = field(repr=False)
