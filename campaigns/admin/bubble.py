"""A message as it will look on a phone."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from campaigns import composing, formatting
from campaigns.models import Media, Message, MessageTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """What the phone shows, ready for templates/desk/bubble.html."""

    header: str  # "", or a HeaderKind
    header_name: str
    media: Media | None
    text: SafeString
    footer: str
    buttons: tuple[str, ...]
    full_text: SafeString  # "" if there is none


def of_message(message: Message) -> Bubble:
    """Return the bubble of a stored message."""
    return of_values(
        message.template, message.values, media=message.media, full_text=message.full_text
    )


def of_values(
    template: MessageTemplate, values: dict[str, str], *, media: Media | None, full_text: str = ""
) -> Bubble:
    """Return the bubble of what somebody is writing; what is missing shows its label."""
    return Bubble(
        header=template.header,
        header_name=template.get_header_display() if template.header else "",
        media=media,
        text=formatting.to_html(composing.preview(template, values)),
        footer=template.footer,
        buttons=tuple(label for _id, label in template.buttons),
        full_text=formatting.to_html(full_text),
    )
