"""What was sent, on paper: one issue with its words and figures, or a month of them as a list.

Figures are rounded, and there are no names: paper travels further than the desk.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import composing, formatting
from campaigns.admin import figures
from campaigns.admin.pages import moment
from campaigns.admin.paper import Document, Part
from campaigns.models import ArchivedBroadcast
from campaigns.states import BroadcastState

MOST = 1_000  # broadcasts on one paper


def of_issue(broadcast: Any, *, correction: Any, now: datetime) -> Document:
    """Return one broadcast, with its counts, as a document."""
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
                rows=[(label, _figure(n)) for label, n in _counts(broadcast).items()],
            ),
            *_corrections(broadcast, correction),
        ],
    )


def of_period(broadcasts: Iterable[Any], name: str, *, now: datetime) -> Document:
    """Return broadcasts, with their counts, as a list; `name` is that of the period."""
    rows = [_row(one) for one in broadcasts]
    how_many = ngettext("%(n)s broadcast.", "%(n)s broadcasts.", len(rows)) % {"n": len(rows)}
    return Document(
        title=_("Archive: %(period)s") % {"period": name},
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
    )


def remark(broadcast: ArchivedBroadcast, *, is_corrected: bool) -> str:
    """Say whether it was wrong, puts something right, or was stopped on its way."""
    said = []
    if broadcast.corrects_id:
        said.append(_("a correction"))
    if is_corrected:
        said.append(_("was corrected"))
    if broadcast.state == BroadcastState.CANCELLED:
        said.append(_("was stopped"))
    return ", ".join(said)


def _about(broadcast: Any) -> str:
    sent = moment(broadcast.started_at)
    return _("%(category)s, sent %(when)s.") % {
        "category": broadcast.message.category,
        "when": sent,
    }


def _counts(broadcast: Any) -> Mapping[str, int]:
    return {
        _("planned"): broadcast.planned,
        _("accepted by WhatsApp"): broadcast.accepted,
        _("failed"): broadcast.failed,
        _("skipped"): broadcast.skipped,
        _("unclear"): broadcast.unclear,
    }


def _corrections(broadcast: ArchivedBroadcast, correction: Any) -> Iterator[Part]:
    if broadcast.corrects:
        began = broadcast.corrects.started_at
        when = {"when": moment(began) if began else ""}
        yield Part(_("Correction"), words=[_("It corrects the message of %(when)s.") % when])
    if correction:
        words = {"words": correction.message.headline}
        yield Part(_("Correction"), words=[_("It was corrected by: %(words)s") % words])


def _row(broadcast: Any) -> tuple[str, ...]:
    message = broadcast.message
    return (
        moment(broadcast.started_at),
        message.headline,
        str(message.category),
        _figure(broadcast.accepted),
    )


def _figure(count: int) -> str:
    return figures.number(count, exact=False)
