"""What became of a broadcast, in numbers that add up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Sum

from campaigns.models import Broadcast, Tally
from campaigns.states import OPEN, TAKEN, DeliveryState

D = DeliveryState


@dataclass(frozen=True, slots=True)
class Balance:
    """Planned = accepted + failed + skipped + in doubt + unknown + open. One broadcast."""

    planned: int
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)  # by state and reason

    def _sum(self, states: Iterable[str]) -> int:
        return sum(n for (state, _reason), n in self.counts.items() if state in states)

    def _by_reason(self, wanted: DeliveryState) -> dict[str, int]:
        return {reason: n for (state, reason), n in sorted(self.counts.items()) if state == wanted}

    @property
    def accepted(self) -> int:
        """Everything that Meta took; `delivered` is a part of it."""
        return self._sum(TAKEN)

    @property
    def delivered(self) -> int:
        """What is known to have reached a phone."""
        return self._sum({D.DELIVERED})

    @property
    def failed(self) -> dict[str, int]:
        """How many failed, by reason."""
        return self._by_reason(D.FAILED)

    @property
    def skipped(self) -> dict[str, int]:
        """How many were not even tried, by reason."""
        return self._by_reason(D.SKIPPED)

    @property
    def in_doubt(self) -> int:
        """Asked, and nobody heard the answer; may still be cleared up."""
        return self._sum({D.IN_DOUBT})

    @property
    def unknown(self) -> int:
        """Never cleared up."""
        return self._sum({D.UNKNOWN})

    @property
    def open(self) -> int:
        """Work that is still to be done."""
        return self._sum(OPEN)

    @property
    def armed(self) -> int:
        """On the wire at this moment."""
        return self._sum({D.ARMED})

    @property
    def adds_up(self) -> bool:
        """Every planned delivery is in exactly one of the groups."""
        return self.planned == sum(self.counts.values())

    @property
    def is_settled(self) -> bool:
        """Nothing is left to do or to find out, and it adds up: it may be closed."""
        return self.adds_up and not self.open and not self.in_doubt

    @property
    def percent_done(self) -> int:
        """How much of the work is done, 0 to 100, rounded down."""
        return 100 * (self.planned - self.open) // self.planned if self.planned else 100

    def as_dict(self) -> dict[str, Any]:
        """The numbers under the names that `broadcast status --json` promises."""
        names = "planned accepted delivered failed skipped in_doubt unknown open adds_up".split()
        return {name: getattr(self, name) for name in names}


def balance(broadcast_id: int) -> Balance:
    """Return the balance of one broadcast."""
    return balances([broadcast_id])[broadcast_id]


def balances(broadcast_ids: Iterable[int]) -> dict[int, Balance]:
    """Return the balances of many broadcasts in two queries, whatever their size."""
    rows = Broadcast.objects.filter(pk__in=broadcast_ids)
    return _balances(dict(rows.values_list("pk", "planned")))


def balances_of(broadcasts: Iterable[Broadcast]) -> dict[int, Balance]:
    """Return the balances of broadcasts as they were read, in one query."""
    return _balances({one.pk: one.planned for one in broadcasts})


def _balances(planned: Mapping[int, int | None]) -> dict[int, Balance]:
    counts: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = Tally.objects.filter(broadcast__in=planned).values("broadcast", "state", "reason")
    for row in rows.annotate(total=Sum("n")):
        if row["total"]:
            counts[row["broadcast"]][row["state"], row["reason"]] = row["total"]
    return {pk: Balance(planned=n or 0, counts=counts[pk]) for pk, n in planned.items()}


def tally_is_right(broadcast_id: int) -> bool:
    """Count a broadcast's rows one by one and compare with the tally, at one moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT NOT EXISTS (
                SELECT state, reason FROM (
                    SELECT state, reason, count(*) AS n FROM campaigns_delivery
                     WHERE broadcast_id = %(id)s GROUP BY state, reason
                    UNION ALL
                    SELECT state, reason, -sum(n) FROM campaigns_tally
                     WHERE broadcast_id = %(id)s GROUP BY state, reason
                ) AS both_counts GROUP BY state, reason HAVING sum(n) <> 0
            )
            """,
            {"id": broadcast_id},
        )
        (right,) = cursor.fetchone()
    return bool(right)
