"""Our templates and Meta's: submitting ours, and taking over what Meta says about them."""

from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import Literal, cast

from campaigns.models import MessageTemplate
from campaigns.models.editorial import HeaderKind
from whatsapp import template_drafts
from whatsapp.client import CloudClient
from whatsapp.errors import Refused, WhatsAppError
from whatsapp.events import TemplateCategory, TemplateQuality, TemplateStatus
from whatsapp.remote import RemoteTemplate
from whatsapp.template_drafts import MediaHeader, TemplateDraft

Status = MessageTemplate.Status
# What reviewers at Meta see above the text.
SAMPLES = {
    HeaderKind.IMAGE: ("sample.jpg", "image/jpeg"),
    HeaderKind.VIDEO: ("sample.mp4", "video/mp4"),
    HeaderKind.DOCUMENT: ("sample.pdf", "application/pdf"),
}


class NotAllSubmitted(WhatsAppError):
    """WhatsApp refused some templates; all others have been submitted."""

    def __init__(self, refused: Mapping[str, Refused]) -> None:
        super().__init__("; ".join(f"{name}: {refusal}" for name, refusal in refused.items()))


def push(*, client: CloudClient, app_id: str, now: datetime) -> list[MessageTemplate]:
    """Submit every template that Meta does not have yet; return those submitted.

    Asks Meta first, so that a second call submits nothing twice. What is refused keeps nobody
    else from being submitted: raises NotAllSubmitted in the end. Raises what CloudClient
    raises for other trouble, with what has been submitted by then stored.
    """
    sync(client=client, now=now)
    missing = MessageTemplate.objects.filter(status__in=[Status.LOCAL, Status.DELETED])
    submitted, refused = [], {}
    for template in missing.order_by("pk"):
        try:
            created = client.create_template(_draft(template, client=client, app_id=app_id))
        except Refused as refusal:
            refused[template.name] = refusal
            continue
        template.meta_id, template.status = created.id, created.status
        template.purpose, template.synced_at = created.category or template.purpose, now
        template.save(update_fields=["meta_id", "status", "purpose", "synced_at"])
        submitted.append(template)
    if refused:
        raise NotAllSubmitted(refused)
    return submitted


def sync(*, client: CloudClient, now: datetime) -> None:
    """Take over status, category and quality of every template of ours, the deleted ones too."""
    remote = {(row.name, row.language): row for row in client.templates()}
    for template in MessageTemplate.objects.all():
        row = remote.get((template.name, template.language))
        if row:
            _take_over(template, row, now=now)
        elif template.status != Status.LOCAL:
            MessageTemplate.objects.filter(pk=template.pk).update(
                status=Status.DELETED, synced_at=now
            )


def refresh(template: MessageTemplate, *, client: CloudClient, now: datetime) -> None:
    """Ask Meta about one template of ours. Raises what CloudClient.templates raises."""
    rows = [row for row in client.templates(name=template.name) if row.name == template.name]
    row = next((row for row in rows if row.language == template.language), None)
    if row:
        _take_over(template, row, now=now)
    elif template.status != Status.LOCAL:
        template.status, template.synced_at = Status.DELETED, now
        template.save(update_fields=["status", "synced_at"])


def take_news(event: TemplateStatus | TemplateCategory | TemplateQuality) -> None:
    """Take over what a webhook says about one of our templates; others are ignored."""
    rows = MessageTemplate.objects.filter(
        name=event.template.name, language=event.template.language
    )
    match event:
        case TemplateStatus():
            # A pause or a ban has been lifted; asked for it, Meta says APPROVED.
            status = Status.APPROVED if event.event == "REINSTATED" else event.event
            rows.update(status=status, rejected_reason=event.reason[:60])
        case TemplateCategory():
            rows.update(purpose=event.current)
        case TemplateQuality():
            rows.update(quality=event.current)


def _take_over(template: MessageTemplate, row: RemoteTemplate, *, now: datetime) -> None:
    template.meta_id, template.status = row.id, row.status
    template.purpose, template.quality = row.category, row.quality
    template.rejected_reason = row.rejected_reason[:60]
    template.synced_at = now
    template.save(
        update_fields=["meta_id", "status", "purpose", "quality", "rejected_reason", "synced_at"]
    )


def _draft(template: MessageTemplate, *, client: CloudClient, app_id: str) -> TemplateDraft:
    header = None
    if template.header:
        kind = HeaderKind(template.header)
        filename, mime_type = SAMPLES[kind]
        sample = resources.files("campaigns").joinpath("samples", filename).read_bytes()
        handle = client.upload_sample(sample, app_id=app_id, mime_type=mime_type, filename=filename)
        header = MediaHeader(
            kind=cast(Literal["image", "video", "document"], kind.value), handle=handle
        )
    return TemplateDraft(
        name=template.name,
        language=template.language,
        category=cast(template_drafts.Category, template.purpose),
        body=template.body,
        examples={value["name"]: value["example"] for value in template.values},
        buttons=tuple(label for _id, label in template.buttons),
        header=header,
        footer=template.footer,
    )
