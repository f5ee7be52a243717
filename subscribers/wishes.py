"""What else somebody may want: a pause, help, another language, their data, or its end."""

from subscribers import access, consent, membership, notices, recipients
from subscribers.lifecycle import PAUSE
from subscribers.models import SUBSCRIBED, ConsentEvent, Rest, SubscriberState
from subscribers.talk import Talk
from subscribers.understanding import Intent
from subscribers.wording import Say

LANGUAGE_OF = {Intent.GERMAN: "de", Intent.ENGLISH: "en"}


def pause(talk: Talk) -> list[Say]:
    """Four weeks of silence; it ends by itself."""
    subscriber = talk.subscriber
    if subscriber.state not in SUBSCRIBED:
        return membership.unclear(talk)
    until = talk.now + PAUSE
    if not consent.pause(subscriber.pk, why=Rest.OWN, until=until, act=talk.act, now=talk.now):
        return []
    return talk.say_tier("paused", until=talk.speaker.day(until))


def ask_to_erase(talk: Talk) -> list[Say]:
    """Ask once whether they mean it: it cannot be undone."""
    return talk.say("erase_question")


def erase(talk: Talk) -> list[Say]:
    """Yes, they do. What follows is done within minutes (erasure.py)."""
    event = consent.request_erasure(talk.subscriber.pk, act=talk.act, now=talk.now)
    return talk.say("erased", **talk.speaker.receipt(event))


def keep(talk: Talk) -> list[Say]:
    """No, they do not."""
    return talk.say("erase_cancelled")


def tell_own_data(talk: Talk) -> list[Say]:
    """Say what we hold, and where the whole copy is (Article 15 GDPR)."""
    subscriber, now = talk.subscriber, talk.now
    try:
        secret = access.new_link(subscriber, now=now)
    except access.TooOften:
        return talk.say("access_limit")
    consent.access_asked(subscriber.pk, act=talk.act, now=now)
    return talk.say(
        "access",
        standing=_standing(talk),
        consent=_consent(talk),
        link=f"{talk.speaker.copy_url}{secret}/",
        replies=access.replies_of(subscriber.pk).count(),
        recipients=", ".join(recipients.names(on=now.astimezone(talk.speaker.zone).date())),
        **talk.speaker.moment(now),
    )


def ask_for_language(talk: Talk) -> list[Say]:
    """Show the two languages."""
    return talk.say("which_language")


def switch_language(talk: Talk) -> list[Say]:
    """Answer in another language from now on; who is being asked is asked again in it."""
    subscriber = talk.subscriber
    subscriber.language = LANGUAGE_OF[talk.intent]
    consent.change_language(subscriber.pk, language=subscriber.language)
    if subscriber.state == SubscriberState.REQUESTED or notices.must_agree_anew(subscriber):
        return membership.ask(talk)
    return help_out(talk)


def help_out(talk: Talk) -> list[Say]:
    """Say what can be said here."""
    return talk.say("help")


def _standing(talk: Talk) -> str:
    """Write where somebody stands, in their language."""
    subscriber, speaker = talk.subscriber, talk.speaker
    kind = "subscribed" if subscriber.state in SUBSCRIBED else "none"
    values = {
        "tier": subscriber.tier.name.upper() if subscriber.tier else "",
        "until": speaker.day(subscriber.until) if subscriber.until else "",
    }
    if subscriber.until is not None:
        kind = "resting"
    return speaker.words(subscriber, f"standing_{kind}", **values)


def _consent(talk: Talk) -> str:
    """Write when and under which notice somebody agreed, in their language."""
    kinds = (ConsentEvent.Kind.GIVEN, ConsentEvent.Kind.TIER_CHANGED)
    events = ConsentEvent.objects.filter(subscriber=talk.subscriber, kind__in=kinds)
    event = events.select_related("notice").order_by("-happened_at", "-pk").first()
    if event is None:
        return talk.speaker.words(talk.subscriber, "consent_none")
    receipt = talk.speaker.receipt(event)
    return talk.speaker.words(talk.subscriber, "consent_given", **receipt)
