"""Every knob of the simulator, with its default, its unit and its meaning."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from math import inf
from typing import Annotated, Any

from whatsapp.simulator.knobs import (
    addresses,
    count,
    flag,
    number,
    one_of,
    or_none,
    read_fields,
    readable,
    url,
)
from whatsapp.simulator.randomness import Delay

Share = Annotated[float, number(0, 1)]
Duration = Annotated[Delay, Delay.read]  # drawn anew each time; see Delay.read for the spellings
Seconds = Annotated[float, number(0.001)]
Flag = Annotated[bool, flag]


@dataclass(frozen=True)
class Settings:
    """How the simulated platform and its people behave."""

    seed: Annotated[int, count(0)] = 1
    clock_offset_seconds: Annotated[float, number(-inf)] = 0.0
    latency: Duration = field(default=Delay())  # from acceptance to the HTTP answer

    # What becomes of an accepted message: each delay counts from the event before it.
    sent_delay: Duration = field(default=Delay(0.05, 0.25))
    delivered_delay: Duration = field(default=Delay(0.15, 0.7))
    read_delay: Duration = field(default=Delay(1.0, 6.0))
    read_share: Share = 0.7  # of the messages; who has no read receipts reads unseen
    expiry_share: Share = 0.0  # sent, then silence: the phone stayed off
    read_without_delivered_share: Share = 0.0
    delivered_after_failed_share: Share = 0.0
    before_response_share: Share = 0.0  # `sent` overtakes the HTTP answer

    webhook_url: Annotated[str | None, or_none(url)] = None  # null: nobody is told anything
    webhook_delay: Duration = field(default=Delay())  # on top, per update
    webhook_batch_size: Annotated[int, count(1)] = 10  # updates per POST at most; Meta: 1000
    webhook_batch_seconds: Annotated[float, number(0)] = 0.05  # time for a batch to fill up
    webhook_connections: Annotated[int, count(1)] = 4  # POSTs at the same time
    webhook_timeout_seconds: Seconds = 10.0
    webhook_retry_seconds: Seconds = 1.0  # doubles with each attempt ...
    webhook_retry_max_seconds: Seconds = 30.0  # ... up to this
    webhook_give_up_seconds: Seconds = 7 * 24 * 3600.0
    webhook_duplicate_share: Share = 0.0
    webhook_duplicates: Annotated[int, count(1)] = 1  # extra copies of a duplicated update
    webhook_reorder_share: Share = 0.0  # updates that others overtake ...
    webhook_reorder_delay: Duration = field(default=Delay(0.5, 3.0))  # ... meanwhile
    webhook_loss_share: Share = 0.0  # updates that are lost for ever
    status_loss_share: Share = 0.0  # the same for statuses alone
    webhook_malformed_share: Share = 0.0  # POSTs preceded by a broken copy, correctly signed
    webhook_forged_share: Share = 0.0  # POSTs preceded by a copy with a wrong signature
    webhooks_paused: Flag = False  # holds all back, loses none
    webhook_verification: Flag = True  # sends nothing before the address has proved itself

    # Limits; null is no limit.
    throughput_per_second: Annotated[float | None, or_none(number(0.1))] = 80.0
    pair_seconds: Annotated[float | None, or_none(number(0.001))] = 6.0  # one message in so long
    pair_burst: Annotated[int, count(1)] = 45
    portfolio_limit: Annotated[int | None, or_none(count(0))] = None  # people in 24 hours
    portfolio_limit_code: Annotated[int, count(1)] = 131048  # Meta documents none
    management_calls_per_hour: Annotated[int | None, or_none(count(0))] = 5000
    allowed_recipients: Annotated[tuple[str, ...] | None, or_none(addresses)] = None

    human_delay_scale: Annotated[float, number(0)] = 1.0  # 0: scripted people answer at once
    strangers: Annotated[str, one_of("reachable", "unreachable")] = "reachable"

    review: Annotated[str, one_of("approve", "reject", "by_hand")] = "approve"
    review_delay: Duration = field(default=Delay(1.0, 2.0))
    quality_rating: Annotated[str, one_of("GREEN", "YELLOW", "RED", "UNKNOWN")] = "GREEN"
    storage_region: Annotated[str, one_of("", "DE", "CH", "US")] = "DE"  # "": Meta's default
    insights: Flag = False  # Meta counts who reads and taps
    free_service_messages: Annotated[int, count(0)] = 1000  # per month, since October 2026
    utility_free_in_window: Flag = False  # was true until September 2026

    def changed(self, changes: Mapping[str, Any]) -> "Settings":
        """Return these settings with some knobs turned. Raises WrongValueError."""
        return replace(self, **read_fields(_READERS, changes))

    def as_json(self) -> dict[str, Any]:
        found = {knob.name: getattr(self, knob.name) for knob in fields(self)}
        return {
            name: value.as_json() if isinstance(value, Delay) else value
            for name, value in found.items()
        }


_READERS = readable(Settings)
