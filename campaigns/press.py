"""A press review: from lines in an order to the values of a template, and back.

WhatsApp wants every value of a template filled and allows no line break in one. So there is one
template for each number of lines: the template of the category, and its variants (see
docs/adr). What the words do not tell, the address of an article and whether it costs money, is
kept beside the message in PressLine.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from campaigns import composing, headlines
from campaigns.headlines import Line
from campaigns.models import (
    Broadcast,
    Category,
    Feed,
    FeedItem,
    Message,
    MessageTemplate,
    PressLine,
)
from campaigns.states import BroadcastState

LINES_MAX = 10
LAST_ISSUES = timedelta(days=4)  # compared with; on a Tuesday after Easter that is Friday's
ISSUES_MAX = 3
RECENT = timedelta(hours=36)  # what feeds have brought since yesterday morning
OFFERED_MAX = 60  # headlines of feeds on one page
_NUMBERED = re.compile(r"^.+_(\d+)$")


class TooMany(Exception):
    """There is no template for so many lines."""


def line_names(template: MessageTemplate) -> list[str]:
    """Return the values that hold the lines, in their order."""
    return [name for name in template.value_names if _NUMBERED.match(name)]


def other_names(template: MessageTemplate) -> list[str]:
    """Return the values that are written besides the lines, such as the date."""
    return [name for name in template.value_names if not _NUMBERED.match(name)]


def template_for(category: Category, *, lines: int) -> MessageTemplate:
    """Return the template for so many lines, or the next one with room for them.

    Raises TooMany.
    """
    variants = category.template.variants.all()
    templates: list[MessageTemplate] = [category.template, *variants]
    roomy = [one for one in templates if len(line_names(one)) >= lines]
    if not roomy:
        raise TooMany
    return min(roomy, key=lambda one: len(line_names(one)))


def most_lines(category: Category) -> int:
    """Return how many lines the largest template has room for."""
    variants = category.template.variants.all()
    return max(len(line_names(one)) for one in (category.template, *variants))


def values(
    template: MessageTemplate, lines: Sequence[Line], *, others: Mapping[str, str]
) -> dict[str, str]:
    """Return what the template is filled with; a value without a line stays empty."""
    texts = [line.sent for line in lines]
    names = line_names(template)
    filled = dict(zip(names, texts + [""] * (len(names) - len(texts)), strict=True))
    return {**{name: others.get(name, "") for name in other_names(template)}, **filled}


def lines_of(message: Message) -> list[Line]:
    """Return the lines of a message, also if somebody has changed its words elsewhere.

    With a full text there are more of them than the template announces.
    """
    if message.full_text and has_our_text(message):
        return _kept(message)
    kept = {one.text: one for one in message.press_lines.all()}
    found = []
    for name in line_names(message.template):
        line = headlines.parse(message.values.get(name, ""))
        link = kept[line.text].link if line.text in kept else ""
        if line.text:
            found.append(Line(text=line.text, link=link, has_paywall=line.has_paywall))
    return found


def has_our_text(message: Message) -> bool:
    """Tell whether the full text, if there is one, is the list: nobody has rewritten it."""
    return message.full_text in ("", headlines.listed(_kept(message)))


def _kept(message: Message) -> list[Line]:
    rows = sorted(message.press_lines.all(), key=lambda one: one.pk)
    return [Line(text=one.text, link=one.link, has_paywall=one.has_paywall) for one in rows]


def keep(message: Message, lines: Iterable[Line]) -> None:
    """Keep what belongs to the lines of a message besides its words."""
    message.press_lines.all().delete()
    PressLine.objects.bulk_create(
        PressLine(message=message, text=one.text, link=one.link, has_paywall=one.has_paywall)
        for one in lines
    )


def last_issues(
    category: Category, *, now: datetime, but: Broadcast | None = None
) -> list[Broadcast]:
    """Return the issues of the last days, the newest first."""
    issues = Broadcast.objects.with_message().filter(
        message__category=category, message__created_at__gte=now - LAST_ISSUES
    )
    if but:
        issues = issues.exclude(pk=but.pk)
    issues = issues.exclude(state=BroadcastState.CANCELLED)
    newest = issues.order_by("-message__created_at", "-pk")[:ISSUES_MAX]
    return list(newest.prefetch_related("message__press_lines"))


def sources() -> dict[str, str]:
    """Return the name of the paper behind each site, for headlines.read()."""
    return {headlines.site(url): name for url, name in Feed.objects.values_list("url", "name")}


def read(pasted: str) -> list[Line]:
    """Return the lines of a pasted list, with what the feeds know about its links."""
    lines = headlines.read(pasted, sources=sources())
    links = [line.link for line in lines if line.link]
    items = FeedItem.objects.filter(link__in=links).select_related("feed")
    known = {item.link: line_of(item) for item in items}
    return [known[line.link] if line.link in known and not line.title else line for line in lines]


def line_of(item: FeedItem) -> Line:
    """Return a headline of a feed as a line."""
    text = headlines.cleaned(f"{item.feed.name}: {item.title}")
    return Line(text=text, link=item.link, has_paywall=item.feed.has_paywall)


def offered(*, now: datetime) -> list[FeedItem]:
    """Return what the feeds have brought since yesterday, the newest first."""
    recent = FeedItem.objects.filter(found_at__gte=now - RECENT, feed__is_active=True)
    newest = recent.select_related("feed").order_by("-found_at", "-published_at", "pk")
    return list(newest[:OFFERED_MAX])


def room_left(template: MessageTemplate, lines: Sequence[Line], others: Mapping[str, str]) -> int:
    """Return how many characters the whole text may still grow; negative if it is too long."""
    return composing.room_left(template, values(template, lines, others=others))


def add_variants(category: Category) -> None:
    """Add the templates for other numbers of lines than the one of the category, where missing."""
    base = category.template
    there = {len(line_names(one)) for one in (base, *base.variants.all())}
    for number in range(1, LINES_MAX + 1):
        if number not in there:
            MessageTemplate.objects.get_or_create(
                name=f"{base.name}_{number}",
                language=base.language,
                defaults=_variant(base, lines=number),
            )


def _variant(base: MessageTemplate, *, lines: int) -> dict[str, object]:
    """Return the fields of a template like `base` with so many lines."""
    first, *_rest = numbered = line_names(base)
    stem = first.rpartition("_")[0]
    names = [f"{stem}_{number}" for number in range(1, lines + 1)]
    examples = [one["example"] for one in base.values if one["name"] in numbered]
    others = [one for one in base.values if one["name"] not in numbered]
    rows = [
        {
            "name": name,
            "label_de": f"Schlagzeile {number}",
            "label_en": f"Headline {number}",
            "example": examples[(number - 1) % len(examples)],
        }
        for number, name in enumerate(names, start=1)
    ]
    return {
        "purpose": base.purpose,
        "header": base.header,
        "body": _body(base.body, old=numbered, new=names),
        "footer": base.footer,
        "values": [*others, *rows],
        "buttons": base.buttons,
        "variant_of": base,
    }


def _body(body: str, *, old: Sequence[str], new: Sequence[str]) -> str:
    """Return a text with other lines in the place of its own, each like the first one."""
    start, end = body.index(f"{{{{{old[0]}}}}}"), body.rindex(f"{{{{{old[-1]}}}}}")
    line_start = body.rfind("\n", 0, start) + 1
    mark = body[line_start:start]
    rows = "\n\n".join(f"{mark}{{{{{name}}}}}" for name in new)
    return f"{body[:line_start]}{rows}{body[end + len(old[-1]) + 4 :]}"
