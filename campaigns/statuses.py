"""Statuses from WhatsApp, applied in bulk and by rank.

Each attempt takes the best that is said about it, and a guarded move lets nothing fall back;
so neither order nor repetition nor the size of a webhook can matter. A status is matched by
the token that we gave to the attempt, and only without one by the hash of its message id.
“Read” and “played” count as delivered: that somebody read it is stored nowhere.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from campaigns import cost, echoes, optouts, replies
from campaigns.models import Attempt, Delivery, PhoneTest, Reply
from campaigns.models.money import Purpose
from campaigns.reasons import FailureReason, of_code
from campaigns.states import DELIVERY_SOURCES, DeliveryState
from subscribers.vault import Vault
from whatsapp.events import Pricing, StatusUpdate

D = DeliveryState
MEANING = {
    "sent": D.SENT,
    "failed": D.FAILED,
    "delivered": D.DELIVERED,
    "read": D.DELIVERED,
    "played": D.DELIVERED,
}
RANK = {D.SENT: 1, D.FAILED: 2, D.DELIVERED: 3}

Key = UUID | tuple[bytes, ...]  # an attempt's token, or the hashes its message id may have


@dataclass(frozen=True, slots=True)
class News:
    """The best that is said about one attempt."""

    state: DeliveryState
    reason: str
    at: datetime
    pricing: Pricing | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """An attempt of ours and the news about it."""

    attempt: Attempt
    news: News


@transaction.atomic
def apply(
    updates: Iterable[StatusUpdate], *, vault: Vault, now: datetime, is_repeated: bool = False
) -> set[Key]:
    """Apply statuses to all that we sent; return the keys of attempts that were not found.

    `is_repeated`: the same updates have been applied before, for the sake of those not found.
    """
    best = _best(updates, vault=vault)
    attempts = _attempts(best.keys())
    told = [_Told(attempts[key], news) for key, news in best.items() if key in attempts]
    _settle_deliveries(told, now=now)
    if not is_repeated:
        _note_delays(told, now=now)
    _honour_opt_outs(told, now=now)
    rest = {key: news for key, news in best.items() if key not in attempts}
    return rest.keys() - _settle_replies(rest, now=now) - _settle_tests(rest, now=now)


def key(update: StatusUpdate, *, vault: Vault) -> Key:
    """By what its attempt is found."""
    return _token(update.token) or tuple(vault.message_hashes(update.wamid))


def _best(updates: Iterable[StatusUpdate], *, vault: Vault) -> dict[Key, News]:
    best: dict[Key, News] = {}
    for update in updates:
        state = MEANING.get(update.status)
        if state is None:  # a word of tomorrow; it changes nothing that we know
            continue
        attempt = key(update, vault=vault)
        if attempt not in best or RANK[best[attempt].state] < RANK[state]:
            best[attempt] = News(state, _reason(state, update.codes), update.at, update.pricing)
    return best


def _token(text: str | None) -> UUID | None:
    """Read a token of ours; None for none, and for one that some other sender gave."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _reason(state: DeliveryState, codes: Sequence[int]) -> str:
    if state != D.FAILED:
        return ""
    return of_code(codes[0]) if codes else FailureReason.OTHER


def _attempts(keys: Collection[Key]) -> dict[Key, Attempt]:
    """Find attempts by token or by message hash, all in one query."""
    tokens = [key for key in keys if isinstance(key, UUID)]
    hashes = [one for key in keys if isinstance(key, tuple) for one in key]
    found: dict[UUID | bytes, Attempt] = {}
    for attempt in Attempt.objects.filter(Q(token__in=tokens) | Q(message_hash__in=hashes)):
        found[attempt.token] = attempt
        if attempt.message_hash is not None:
            found[bytes(attempt.message_hash)] = attempt
    return {key: found[name] for key in keys for name in _names(key) if name in found}


def _names(key: Key) -> Sequence[UUID | bytes]:
    return key if isinstance(key, tuple) else [key]


def _settle_deliveries(told: Sequence[_Told], *, now: datetime) -> None:
    """Move the deliveries; in order of rank, so that the best news comes last and stays."""
    newest = Delivery.objects.lock({one.attempt.delivery_id for one in told})
    _charge_deliveries(told, now=now)
    fates: dict[tuple[DeliveryState, str], list[int]] = defaultdict(list)
    for one in told:
        is_newest = one.attempt.number == newest.get(one.attempt.delivery_id)
        # That an earlier attempt failed says nothing: another one is on its way.
        if is_newest or one.news.state != D.FAILED:
            fates[one.news.state, one.news.reason].append(one.attempt.delivery_id)
    for (state, reason), ids in sorted(fates.items(), key=lambda fate: RANK[fate[0][0]]):
        Delivery.objects.filter(pk__in=ids).move(state, reason=reason)


def _charge_deliveries(told: Iterable[_Told], *, now: datetime) -> None:
    """Count what WhatsApp charges: for each delivery when it first arrives, and only then."""
    arrived = {one.attempt.delivery_id: one.news for one in told if one.news.state == D.DELIVERED}
    if not arrived:
        return
    new = Delivery.objects.filter(pk__in=arrived, state__in=DELIVERY_SOURCES[D.DELIVERED])
    rows = new.values_list("pk", "broadcast_id", "broadcast__message__template__purpose")
    cost.charge(
        Counter((broadcast, *_price_tag(arrived[pk], purpose)) for pk, broadcast, purpose in rows),
        at=now,
    )


def _settle_replies(rest: Mapping[Key, News], *, now: datetime) -> set[UUID]:
    """Apply what is said of our answers, and count what they cost; return their tokens."""
    news = {key: one for key, one in rest.items() if isinstance(key, UUID)}
    if not news:
        return set()
    arrived = [token for token, one in news.items() if one.state == D.DELIVERED]
    new = Reply.objects.filter(token__in=arrived, state__in=DELIVERY_SOURCES[D.DELIVERED])
    tokens = new.select_for_update().order_by("pk").values_list("token", flat=True)
    tags = [_price_tag(news[token], Purpose.SERVICE) for token in tokens if token]
    cost.charge(Counter((None, *tag) for tag in tags), at=now)
    return replies.settle({token: one.state for token, one in news.items()}, now=now)


def _settle_tests(rest: Mapping[Key, News], *, now: datetime) -> set[UUID]:
    """Apply what is said of tests to phones of the desk; return their tokens."""
    tokens = [key for key in rest if isinstance(key, UUID)]
    if not tokens:
        return set()
    tests = PhoneTest.objects.filter(token__in=tokens).select_for_update(of=("self",))
    found = {test.token: test for test in tests.select_related("template") if test.token}
    tags: Counter[tuple[int | None, str, str]] = Counter()
    for token, test in found.items():
        news = rest[token]
        has_moved = PhoneTest.objects.filter(pk=test.pk).move(news.state, reason=news.reason)
        if has_moved and news.state == D.DELIVERED:
            tags[None, *_price_tag(news, test.purpose)] += 1
    cost.charge(tags, at=now, is_test=True)
    return set(found)


def _price_tag(news: News, purpose: str) -> tuple[str, str]:
    """Return Meta's category and kind; where it does not say, what we expected."""
    return (news.pricing.category, news.pricing.type) if news.pricing else (purpose, "")


def _note_delays(told: Iterable[_Told], *, now: datetime) -> None:
    """Remember how late the echoes are: doubt.settle_time() waits that long.

    One “sent” is told of every message; later news would make the channel look slower.
    """
    delays = [now - one.attempt.armed_at for one in told if one.news.state == D.SENT]
    echoes.note_delays(delays, today=now.date())


def _honour_opt_outs(told: Iterable[_Told], *, now: datetime) -> None:
    for one in told:
        if one.news.reason == FailureReason.OPTED_OUT:
            optouts.honour([one.attempt.delivery_id], at=one.news.at, now=now)
