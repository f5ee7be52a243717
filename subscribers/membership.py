"""Joining, choosing, refusing, leaving: what a message means for a subscription."""

from subscribers import admission, consent, limits, notices
from subscribers.lifecycle import UNSURE
from subscribers.models import SUBSCRIBED, Notice, Rest, SubscriberState, Tier
from subscribers.talk import Talk
from subscribers.understanding import Intent
from subscribers.wording import Say

S = SubscriberState
TIER_OF = {
    Intent.AGREE_MINI: "mini",
    Intent.AGREE_MAXI: "maxi",
    Intent.MINI: "mini",
    Intent.MAXI: "maxi",
}
EXPLICIT_YES = {Intent.AGREE_MINI, Intent.AGREE_MAXI}


def ask(talk: Talk) -> list[Say]:
    """Show the notice and ask; a stranger may have to know the join code first."""
    subscriber = talk.subscriber
    is_stranger = subscriber.notice is None or subscriber.state in (S.REFUSED, S.WITHDRAWN)
    if is_stranger and admission.is_required():
        refusal = _gate(talk)
        if refusal is not None:
            return refusal
    notice = Notice.objects.current(subscriber.language)
    if not consent.ask(subscriber.pk, notice=notice, act=talk.act, now=talk.now):
        return []
    subscriber.notice = notice
    return [Say(purpose="notice", text=notice.notice), *talk.question()]


def start(talk: Talk) -> list[Say]:
    """START: ends a rest, and asks everybody else."""
    if talk.subscriber.state in (S.PAUSED, S.HELD):
        return go_on(talk)
    return ask(talk)


def ask_anew(talk: Talk) -> list[Say]:
    """Whatever somebody says whose consent no longer counts: a yes or a no, or the question."""
    subscriber = talk.subscriber
    if talk.intent in EXPLICIT_YES:
        tier = Tier.objects.get(slug=TIER_OF[talk.intent])
        event = consent.give(subscriber.pk, tier=tier, act=talk.act, now=talk.now)
        if event is not None:
            return talk.say_tier("confirmed", tier, **talk.speaker.receipt(event))
    if talk.intent is Intent.REFUSE and notices.asked_about(subscriber) is not None:
        return stop(talk)
    return ask(talk)


def choose(talk: Talk) -> list[Say]:
    """MINI or MAXI: a subscriber changes at once, anybody else has to say yes first."""
    subscriber, tier = talk.subscriber, Tier.objects.get(slug=TIER_OF[talk.intent])
    if subscriber.tier_id == tier.slug:
        return go_on(talk) if subscriber.rest == Rest.UNSURE else talk.say_tier("unchanged")
    if subscriber.state == S.REQUESTED and subscriber.notice is not None:
        if talk.intent not in EXPLICIT_YES:
            return talk.question()
        if notices.asked_about(subscriber) is None:
            # Words may have overtaken the notice. A button has not: its question stands behind it.
            return ask(talk) if talk.heard.button_id else talk.question()
    elif subscriber.state not in SUBSCRIBED:
        return ask(talk)
    event = consent.give(subscriber.pk, tier=tier, act=talk.act, now=talk.now)
    if event is None:  # overtaken by a newer decision
        return []
    receipt = talk.speaker.receipt(event)
    if event.kind == consent.Kind.GIVEN:
        return talk.say_tier("confirmed", tier, **receipt)
    if subscriber.until is not None and subscriber.rest != Rest.UNSURE:
        until = talk.speaker.day(subscriber.until)
        return talk.say_tier("tier_while_paused", tier, until=until, **receipt)
    return talk.say_tier("changed", tier, **receipt)


def which(talk: Talk) -> list[Say]:
    """“Mehr”, “weniger”, “ja”: nothing is guessed, the choice is shown."""
    if talk.subscriber.state in SUBSCRIBED:
        return talk.say("which_tier", **talk.speaker.scopes(talk.subscriber))
    return unclear(talk)


def refuse(talk: Talk) -> list[Say]:
    """Take a no to the question; a mere “nein” of a subscriber may answer anything."""
    if talk.subscriber.state in SUBSCRIBED:
        return talk.say("help")
    consent.refuse(talk.subscriber.pk, act=talk.act, now=talk.now)
    return talk.say("refused")


def stop(talk: Talk) -> list[Say]:
    """End it, in whatever state."""
    event = consent.withdraw(talk.subscriber.pk, act=talk.act, now=talk.now)
    if event is not None:
        return talk.say("withdrawn", **talk.speaker.receipt(event))
    if talk.subscriber.state in SUBSCRIBED:
        return []  # an old STOP, overtaken by a newer yes; “you get nothing” would be untrue
    return talk.say("erasing" if talk.subscriber.state == S.ERASING else "not_subscribed")


def unsure(talk: Talk) -> list[Say]:
    """Perhaps a STOP: send nothing, and ask. Who gets nothing anyway is simply answered."""
    subscriber = talk.subscriber
    if subscriber.state not in SUBSCRIBED:
        return unclear(talk)
    if subscriber.state == S.ACTIVE:
        until = talk.now + UNSURE
        consent.hold(subscriber.pk, why=Rest.UNSURE, until=until, act=talk.act, now=talk.now)
    return talk.say("unsure")


def go_on(talk: Talk) -> list[Say]:
    """WEITER, or its button: ends a rest, answers the yearly question."""
    subscriber = talk.subscriber
    if subscriber.state not in SUBSCRIBED:
        return unclear(talk)
    if consent.resume(subscriber.pk, act=talk.act, now=talk.now):
        return talk.say_tier("resumed")
    if consent.reconfirm(subscriber.pk, act=talk.act, now=talk.now):
        return talk.say_tier("reconfirmed")
    return talk.say_tier("unchanged")


def unclear(talk: Talk) -> list[Say]:
    """Whatever we did not understand: the open question again, or what can be said here."""
    subscriber = talk.subscriber
    if subscriber.state == S.REQUESTED:
        return ask(talk) if subscriber.notice is None else talk.question()
    if subscriber.state in (S.REFUSED, S.WITHDRAWN) and admission.is_required():
        return ask(talk)  # it may be the code
    return talk.say("help")


def _gate(talk: Talk) -> list[Say] | None:
    """Ask for the join code; None if this message is the right one."""
    words = talk.heard.text.split()
    if talk.intent is not Intent.UNCLEAR or len(words) != 1:
        return talk.say("join_code")
    if not limits.may_try_code(talk.subscriber, now=talk.now):
        return []
    if admission.accepts(words[0], now=talk.now):
        return None
    limits.note_wrong_code(talk.subscriber, now=talk.now)
    return talk.say("join_code_wrong")
