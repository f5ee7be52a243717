"""Our templates and Meta's: submitting ours, and taking over what Meta says about them.

Whatever differs becomes a line of history (campaigns/template_history.py). What is gone at Meta
stays here as deleted, and what only Meta knows is remembered by name, so that nobody wonders.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Literal, cast

from django.contrib.auth.models import User
from django.db import transaction

from campaigns import alarms, template_history, template_writing
from campaigns.models import Alarm, ForeignTemplate, Heartbeat, MessageTemplate, TemplateEvent
from campaigns.models.media import HeaderKind
from whatsapp.client import CloudClient
from whatsapp.errors import Refused, WhatsAppError
from whatsapp.events import TemplateCategory, TemplateQuality, TemplateStatus
from whatsapp.remote import RemoteTemplate
from whatsapp.template_drafts import MediaHeader

logger = logging.getLogger(__name__)

Status = MessageTemplate.Status
Purpose = MessageTemplate.Purpose
Source, What = TemplateEvent.Source, TemplateEvent.What
COMPARE_EVERY = timedelta(hours=1)  # a webhook may be lost
# What reviewers at Meta see above the text.
SAMPLES = {
    HeaderKind.IMAGE: ("sample.jpg", "image/jpeg"),
    HeaderKind.VIDEO: ("sample.mp4", "video/mp4"),
    HeaderKind.DOCUMENT: ("sample.pdf", "application/pdf"),
}
TO_SUBMIT = (Status.LOCAL, Status.DELETED)


class NotAllSubmitted(WhatsAppError):
    """WhatsApp refused some templates; all others have been submitted."""

    def __init__(self, refused: Mapping[str, Refused]) -> None:
        super().__init__("; ".join(f"{name}: {refusal}" for name, refusal in refused.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What a comparison with Meta has found."""

    ours: int  # templates of ours that Meta has
    changed: int  # of which something is different than before
    gone: int  # that Meta had at the last comparison and has no more
    foreign: int  # that Meta has and we do not know


def push(*, client: CloudClient, app_id: str, now: datetime) -> list[MessageTemplate]:
    """Submit every template of this release that Meta does not have; return those submitted.

    What was written at the desk is left to the button on its own page. Asks Meta first, so that
    a second call submits nothing twice. What is refused keeps nobody else from being submitted:
    raises NotAllSubmitted in the end. Raises what CloudClient raises for other trouble, with
    what has been submitted by then stored.
    """
    sync(client=client, now=now)
    missing = MessageTemplate.objects.filter(status__in=TO_SUBMIT)
    missing = missing.exclude(events__what=What.WRITTEN)
    submitted, refused = [], {}
    for template in missing.order_by("pk"):
        try:
            submit(template, client=client, app_id=app_id, now=now)
        except Refused as refusal:
            refused[template.name] = refusal
            continue
        submitted.append(template)
    if refused:
        raise NotAllSubmitted(refused)
    return submitted


def submit(
    template: MessageTemplate,
    *,
    client: CloudClient,
    app_id: str,
    now: datetime,
    by: User | None = None,
) -> None:
    """Hand one template in for review; Meta's category in the answer may be another one.

    Raises what CloudClient raises.
    """
    header = _sample(template, client=client, app_id=app_id)
    created = client.create_template(template_writing.draft(template, header=header))
    template_history.note(template, What.SUBMITTED, source=Source.DESK, now=now, by=by)
    news = {"status": created.status, "purpose": created.category or template.purpose}
    changes = template_history.take_over(
        template,
        news,
        source=Source.SYNC,
        now=now,
        quietly={"meta_id": created.id, "synced_at": now},
    )
    _note_price(template, changes, now=now)


def compare_if_due(*, client: CloudClient, now: datetime) -> None:
    """Compare once an hour, from the first comparison by hand on; no answer is worth a line in
    the log only, because the page says how old its knowledge is."""
    beats = Heartbeat.objects
    recent = beats.filter(
        name__in=[Heartbeat.TEMPLATES, Heartbeat.TEMPLATES_ASKED], at__gt=now - COMPARE_EVERY
    )
    if compared_at() is None or recent.exists():
        return
    beats.update_or_create(name=Heartbeat.TEMPLATES_ASKED, defaults={"at": now})
    try:
        sync(client=client, now=now)
    except WhatsAppError as trouble:
        logger.warning("templates not compared", extra={"trouble": type(trouble).__name__})


def compared_at() -> datetime | None:
    """Return when all templates were last compared with Meta's; None if never."""
    return Heartbeat.objects.filter(name=Heartbeat.TEMPLATES).values_list("at", flat=True).first()


def sync(*, client: CloudClient, now: datetime) -> Reconciled:
    """Compare every template of ours with Meta's, and take over what Meta says.

    Raises what CloudClient raises; then nothing is taken over, because what is missing from
    half a list is not deleted.
    """
    remote = {(row.name, row.language): row for row in client.templates()}
    ours = changed = gone = 0
    for template in MessageTemplate.objects.order_by("pk"):
        row = remote.pop((template.name, template.language), None)
        if row:
            ours += 1
            changed += _compare(template, row, now=now)
        else:
            gone += _bury(template, now=now)
    _remember_foreign(remote.values(), now=now)
    Heartbeat.objects.update_or_create(name=Heartbeat.TEMPLATES, defaults={"at": now})
    return Reconciled(ours=ours, changed=changed, gone=gone, foreign=len(remote))


def refresh(template: MessageTemplate, *, client: CloudClient, now: datetime) -> None:
    """Compare one template of ours. Raises what CloudClient.templates raises."""
    rows = [row for row in client.templates(name=template.name) if row.name == template.name]
    row = next((row for row in rows if row.language == template.language), None)
    if row:
        _compare(template, row, now=now)
    else:
        _bury(template, now=now)


@transaction.atomic
def take_news(event: TemplateStatus | TemplateCategory | TemplateQuality, *, now: datetime) -> None:
    """Take over what a webhook says about one of our templates; others are ignored."""
    rows = MessageTemplate.objects.filter(
        name=event.template.name, language=event.template.language
    )
    for template in rows:
        news, quietly = _said(event)
        changes = template_history.take_over(
            template, news, source=Source.WEBHOOK, now=now, quietly=quietly
        )
        if isinstance(event, TemplateCategory) and event.coming:
            template_history.note(
                template,
                What.COMING,
                source=Source.WEBHOOK,
                now=now,
                before=event.current,
                after=event.coming,
            )
            changes = {"purpose": (event.current, event.coming)}
        _note_price(template, changes, now=now)


def is_alarming(template: MessageTemplate) -> bool:
    """Tell whether nobody has acknowledged yet that it became dearer."""
    subject = f"{alarms.TEMPLATE} {template.pk}"
    rows = Alarm.objects.filter(kind=Alarm.Kind.DEARER, subject=subject)
    return rows.filter(cleared_at__isnull=True).exists()


def acknowledge(template: MessageTemplate, *, now: datetime) -> None:
    """Close the alarm about a dearer template: somebody has seen it."""
    alarms.clear(Alarm.Kind.DEARER, f"{alarms.TEMPLATE} {template.pk}", now=now)


def _said(
    event: TemplateStatus | TemplateCategory | TemplateQuality,
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a webhook changes, and what it says besides."""
    match event:
        case TemplateStatus():
            # A pause or a ban has been lifted; asked for it, Meta says APPROVED.
            status = str(Status.APPROVED) if event.event == "REINSTATED" else event.event
            return {"status": status}, {"rejected_reason": event.reason[:60]}
        case TemplateCategory():
            return {"purpose": event.current}, {}
        case TemplateQuality():
            return {"quality": event.current}, {}


def _note_price(
    template: MessageTemplate, changes: template_history.Changes, *, now: datetime
) -> None:
    """Raise an alarm when Meta makes a template marketing; clear it when it takes that back."""
    before, after = changes.get("purpose", ("", ""))
    if (before, after) == (Purpose.UTILITY, Purpose.MARKETING):
        alarms.raise_(Alarm.Kind.DEARER, f"{alarms.TEMPLATE} {template.pk}", now=now)
    elif after == Purpose.UTILITY:
        acknowledge(template, now=now)


def _compare(template: MessageTemplate, row: RemoteTemplate, *, now: datetime) -> bool:
    """Take over what Meta says about one template; tell whether it is news."""
    differs = template_writing.differs(template, row)
    if differs and not template.has_other_words:
        template_history.note(template, What.WORDS, source=Source.SYNC, now=now)
    changes = template_history.take_over(
        template,
        {"status": row.status, "purpose": row.category, "quality": row.quality},
        source=Source.SYNC,
        now=now,
        quietly={
            "meta_id": row.id,
            "rejected_reason": row.rejected_reason[:60],
            "has_other_words": differs,
            "synced_at": now,
        },
    )
    _note_price(template, changes, now=now)
    return bool(changes)


def _bury(template: MessageTemplate, *, now: datetime) -> bool:
    """Call deleted what Meta had and has no more; tell whether it is news."""
    if not template.meta_id:
        return False
    news, quietly = {"status": str(Status.DELETED)}, {"synced_at": now}
    return bool(
        template_history.take_over(template, news, source=Source.SYNC, now=now, quietly=quietly)
    )


@transaction.atomic
def _remember_foreign(rows: Iterable[RemoteTemplate], *, now: datetime) -> None:
    ForeignTemplate.objects.all().delete()
    ForeignTemplate.objects.bulk_create(
        ForeignTemplate(
            name=row.name[:512],
            language=row.language[:10],
            status=row.status[:20],
            purpose=row.category[:16],
            seen_at=now,
        )
        for row in sorted(rows, key=lambda row: (row.name, row.language))
    )


def _sample(template: MessageTemplate, *, client: CloudClient, app_id: str) -> MediaHeader | None:
    """Upload what reviewers will see above the text."""
    if not template.header:
        return None
    kind = HeaderKind(template.header)
    filename, mime_type = SAMPLES[kind]
    sample = resources.files("campaigns").joinpath("samples", filename).read_bytes()
    handle = client.upload_sample(sample, app_id=app_id, mime_type=mime_type, filename=filename)
    return MediaHeader(kind=cast(Literal["image", "video", "document"], kind.value), handle=handle)
