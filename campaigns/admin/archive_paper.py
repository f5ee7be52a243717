"""What was sent, on paper: one issue with its words and figures, or a month of them as a list.

Figures are rounded, and there are no names: paper travels further than the desk.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import composing, formatting, reports
from campaigns.admin import figures
from campaigns.admin.pages import moment
from campaigns.admin.paper import Document, Part
from campaigns.models import Broadcast
from campaigns.states import BroadcastState

PART = 150  # broadcasts on one paper: two busy months; a year goes on in further parts


def of_issue(broadcast: Broadcast, *, correction: Broadcast | None, now: datetime) -> Document:
    """Return one broadcast as a document; `correction` is the one that put it right, if any."""
    message = broadcast.message
    text = formatting.plain(composing.preview(message.template, message.values))
    return Document(
        title=message.headline,
        about=_about(broadcast),
        made_at=now,
        parts=[
            Part(_("What was sent"), words=[line for line in text.splitlines() if line.strip()]),
            Part(
                _("What became of it"),
                words=[_("Figures of people are rounded to 10 and hidden below 20.")],
                rows=[
                    (label, _figure(n))
                    for label, n in _counts(reports.balance(broadcast.pk)).items()
                ],
            ),
            *_corrections(broadcast, correction),
        ],
    )


def of_period(
    broadcasts: Collection[Broadcast], name: str, *, part: int = 1, has_more: bool, now: datetime
) -> Document:
    """Return broadcasts as a list: one part, counted from 1, of those of the period `name`."""
    balances = reports.balances([one.pk for one in broadcasts])
    rows = [_row(one, balances[one.pk]) for one in broadcasts]
    how_many = ngettext("%(n)s broadcast.", "%(n)s broadcasts.", len(rows)) % {"n": len(rows)}
    title = _("Archive: %(period)s") % {"period": name}
    if part > 1 or has_more:
        title = _("%(title)s, part %(part)s") % {"title": title, "part": part}
    if has_more:
        onward = _("The list goes on in the next part.")
        how_many = f"{how_many} {onward}"
    return Document(
        title=title,
        about=f"{how_many} {_('Figures of people are rounded to 10 and hidden below 20.')}",
        made_at=now,
        parts=[
            Part(
                _("What was sent"),
                words=[] if rows else [_("Nothing was sent in this time.")],
                columns=[_("sent"), _("message"), _("category"), _("accepted by WhatsApp")],
                rows=rows,
            )
        ],
        part=part,
        has_more=has_more,
    )


def remark(broadcast: Broadcast, *, is_corrected: bool) -> str:
    """Say whether it was wrong, puts something right, or was stopped on its way."""
    said = []
    if broadcast.corrects_id:
        said.append(_("a correction"))
    if is_corrected:
        said.append(_("was corrected"))
    if broadcast.state == BroadcastState.CANCELLED:
        said.append(_("was stopped"))
    return ", ".join(said)


def _about(broadcast: Broadcast) -> str:
    return _("%(category)s, sent %(when)s.") % {
        "category": broadcast.message.category,
        "when": _sent(broadcast),
    }


def _sent(broadcast: Broadcast) -> str:
    return moment(broadcast.started_at) if broadcast.started_at else ""


def _counts(balance: reports.Balance) -> Mapping[str, int]:
    return {
        _("planned"): balance.planned,
        _("accepted by WhatsApp"): balance.accepted,
        _("failed"): sum(balance.failed.values()),
        _("skipped"): sum(balance.skipped.values()),
        _("unclear"): balance.in_doubt + balance.unknown,
    }


def _corrections(broadcast: Broadcast, correction: Broadcast | None) -> Iterator[Part]:
    if broadcast.corrects:
        when = {"when": _sent(broadcast.corrects)}
        yield Part(_("Correction"), words=[_("It corrects the message of %(when)s.") % when])
    if correction:
        words = {"words": correction.message.headline}
        yield Part(_("Correction"), words=[_("It was corrected by: %(words)s") % words])


def _row(broadcast: Broadcast, balance: reports.Balance) -> tuple[str, ...]:
    message = broadcast.message
    return (
        _sent(broadcast),
        message.headline,
        str(message.category),
        _figure(balance.accepted),
    )


def _figure(count: int) -> str:
    return figures.number(count, exact=False)
