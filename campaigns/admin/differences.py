"""Two states of a message beside each other, and what changed from one to the other."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns import composing, versions
from campaigns.models import Media, Message, MessageTemplate, MessageVersion
from campaigns.versions import Part


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a message in two states."""

    label: str
    before: str
    after: str
    parts: list[Part]


def words(
    template: MessageTemplate, values: Mapping[str, str], full_text: str, media: Media | None
) -> dict[str, str]:
    """Return everything in a message that can be read, by the label of its field."""
    found = {label: values.get(name, "") for name, label in composing.labels(template).items()}
    return found | {_("Full text"): full_text, _("File"): media.filename if media else ""}


def words_of(state: Message | MessageVersion) -> dict[str, str]:
    """Return the same of a stored state."""
    return words(state.template, state.values, state.full_text, state.media)


def between(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """Return the fields that differ, in the order of the form."""
    labels = [*after, *(label for label in before if label not in after)]
    pairs = [(label, before.get(label, ""), after.get(label, "")) for label in labels]
    return [
        Difference(label, old, new, versions.compare(old, new))
        for label, old, new in pairs
        if old != new
    ]
