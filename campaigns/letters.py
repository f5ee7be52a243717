"""What we say to subscribers when they have not written: always a template, in sending hours.

Who is to be told what is decided in subscribers/lifecycle.py; here it becomes a message that
WhatsApp accepts outside the 24-hour window.
"""

from datetime import datetime

from campaigns import replies
from campaigns.hours import SendingHours
from campaigns.models import Channel, MessageTemplate
from subscribers import erasure, lifecycle
from subscribers.lifecycle import Letter, News


def write_due(*, hours: SendingHours, now: datetime) -> int:
    """Let time do what is due to subscriptions, and queue what they are told; return how much.

    A template that WhatsApp has not approved is not sent; the yearly question then waits. While
    all sending is stopped everything waits: silence would count as an answer.
    """
    if not hours.are_open(now) or Channel.objects.exclude(stop_reason="").exists():
        return 0
    approved = MessageTemplate.objects.filter(
        name__in=[news.value for news in News], status=MessageTemplate.Status.APPROVED
    )
    templates = {(template.name, template.language): template for template in approved}
    askable = [language for name, language in templates if name == News.STILL_WITH_US.value]
    letters = lifecycle.sweep(askable=askable, now=now)
    for letter in letters:
        template = templates.get((letter.news.value, letter.language))
        if template is not None:
            _queue(letter, template, hours=hours, now=now)
    return len(letters)


def erase_due(*, now: datetime) -> None:
    """Erase who asked for it, as soon as our last word to them is on its way.

    A rule of subscribers/retention.py does not wait for that word longer than some minutes.
    """
    for subscriber_id in lifecycle.to_erase():
        if not replies.is_waiting_for(subscriber_id):
            erasure.erase(subscriber_id, now=now)


def _queue(
    letter: Letter, template: MessageTemplate, *, hours: SendingHours, now: datetime
) -> None:
    until = f"{letter.until.astimezone(hours.zone):%d.%m.%Y}" if letter.until else ""
    known = {"tarif": letter.tier, "datum": until}
    replies.queue_template(
        letter.subscriber_id,
        template,
        values={name: known[name] for name in template.value_names},
        purpose=letter.news.value,
        now=now,
    )
