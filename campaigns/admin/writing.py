"""Writing a message: choose a category, fill in its template, see it as on a phone.

Nothing that somebody typed is lost: whatever is refused, the answer is the same form with the
same texts and a sentence about what to do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import (
    connections,
    contents,
    dated,
    links,
    media,
    scheduling,
    unsaved,
)
from campaigns.admin import (
    autosave,
    bubble,
    budget,
    correcting,
    diary,
    differences,
    figures,
    forms,
    limits,
    money,
    opening,
    phone,
    reach,
    uploads,
    verbs,
)
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import moment, needs, show, taken_in
from campaigns.hours import SendingHours
from campaigns.models import Broadcast, Category, MessageTemplate
from campaigns.phone_tests import Words
from campaigns.refusals import NotPossible
from subscribers.models import Tier

SAVE, SUBMIT, UNTRACK = "save", "submit", "untrack"


@dataclass(frozen=True, slots=True)
class Card:
    """A category, as something to choose."""

    category: Category
    tiers: list[Tier]
    people: figures.Headcount
    is_ready: bool  # WhatsApp has approved its template


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody is writing: a new message of a category, or a change to a broadcast."""

    category: Category
    broadcast: Broadcast | None

    def save(self, form: forms.ComposeForm, request: HttpRequest, *, now: datetime) -> Broadcast:
        """Keep what was typed, and submit it if that was the button. Raises NotPossible."""
        by = user_of(request)
        typed: dict[str, Any] = {
            "values": form.values,
            "full_text": form.full_text,
            "media": form.chosen_media,
            "due_at": form.due_at,
            "not_after": form.cleaned_data["not_after"],
            "by": by,
            "now": now,
        }
        with transaction.atomic():
            media.describe(form.chosen_media, form.cleaned_data["alt"])
            broadcast = self.broadcast
            if broadcast is None:
                typed |= {f"{one}_id": form.cleaned_data[one] for one in ("slot", "corrects")}
                typed |= {"also_at": form.elsewhere or ""}
                broadcast = scheduling.write(category=self.category, **typed)
            else:
                revision = form.cleaned_data["revision"] or 0
                scheduling.change(broadcast, revision=revision, also_at=form.elsewhere, **typed)
                broadcast = Broadcast.objects.with_message().get(pk=broadcast.pk)
            unsaved.forget(by, category=self.category, broadcast=self.broadcast)
            if request.POST.get("action") == SUBMIT:
                hours = connections.sending_hours()
                reason = form.cleaned_data.get("reason", "")
                scheduling.submit(broadcast, by=by, hours=hours, now=now, reason=reason)
        return broadcast


def cards(*, now: datetime) -> list[Card]:
    """Return the categories in use, in the desk's order, each with whom it reaches."""
    tiers = list(Tier.objects.order_by("level"))
    count = figures.last_count(now=now)
    categories = Category.objects.filter(is_archived=False).select_related("tier", "template")
    found = []
    for category in categories.order_by("position"):
        gets_it = [tier for tier in tiers if tier.level >= category.tier.level]
        is_ready = category.template.status == MessageTemplate.Status.APPROVED
        people = count.of(tier.pk for tier in gets_it)
        found.append(Card(category, gets_it, people, is_ready))
    return found


@needs("campaigns.add_message")
def choose(request: HttpRequest) -> HttpResponse:
    """Offer the categories."""
    title = _("What kind of message?")
    return show(request, "desk/choose.html", title=title, cards=cards(now=timezone.now()))


@needs("campaigns.add_message")
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a message, empty or with the words of an older one (?copy=ID)."""
    category = _category(slug)
    work = Work(category, None)
    if request.method == "POST":
        return _take(request, work)
    slot, now = opening.slot(request, category), timezone.now()
    first = _first(request, category, now=now, day=slot.due_at if slot else now)
    start = forms.initial(broadcast=None, now=now, **first)
    start |= {"slot": slot.pk, **forms.time_of(slot.due_at)} if slot else {}
    start |= correcting.start(request, category)
    return _page(request, work, forms.ComposeForm(category=category, initial=start))


@needs("campaigns.change_message")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on writing a message that is not being sent."""
    broadcast = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
    if way_out := opening.closed(request, broadcast):
        return way_out
    message = broadcast.message
    if message.template.variant_of_id:  # it has more or fewer values than this page
        return redirect("admin:campaigns_press_edit", broadcast.pk)
    work = Work(message.category, broadcast)
    if request.method == "POST":
        return _take(request, work)
    start = forms.initial(
        values=message.values,
        full_text=message.full_text,
        media=message.media,
        broadcast=broadcast,
        now=timezone.now(),
    )
    return _page(request, work, forms.ComposeForm(category=message.category, initial=start))


@needs("campaigns.add_message")
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer somebody who is typing: the bubble, and a word at each field. Keeps nothing."""
    category = _category(slug)
    form = forms.ComposeForm(request.POST, category=category)
    form.is_valid()
    return show(request, "desk/preview.html", **_shown(form, category), is_live=True)


@needs("campaigns.add_media")
@require_POST
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Take in a chosen file at once, so that it can be seen before anything is saved."""
    category = _category(slug)
    data, problem = uploads.take(request, category, now=timezone.now())
    form = forms.ComposeForm(data, category=category)
    form.is_valid()
    _mark_upload(form, problem)
    context = _shown(form, category)
    return show(request, "desk/preview.html", **context, is_live=True, is_upload=True)


@needs("campaigns.send_phonetest")
@require_POST
def test(request: HttpRequest, slug: str) -> HttpResponse:
    """Send what is being written to the phone of whoever writes it. Keeps nothing else."""
    category = _category(slug)
    form = forms.ComposeForm(request.POST, category=category)
    form.is_valid()
    return phone.answer(request, _words(form, category), now=timezone.now())


def _words(form: forms.ComposeForm, category: Category) -> Words:
    """Return what has been typed, as it would be sent."""
    template = category.template_for(full_text=form.full_text)
    corrects = correcting.original_of(form["corrects"].value()) is not None
    typed = contents.of(template, form.values, form.full_text, corrects=corrects)
    return Words(category=category, media=form.chosen_media, **typed)


def _take(request: HttpRequest, work: Work) -> HttpResponse:
    """Take in a posted form; show it again, unchanged, with whatever is in the way."""
    now = timezone.now()
    data, problem = uploads.take(request, work.category, now=now)
    if request.POST.get("action") == UNTRACK:
        return _untracked(request, work, data)
    form = forms.ComposeForm(data, category=work.category)
    is_fine = form.is_valid()
    is_fine = _mark_upload(form, problem) and is_fine
    # Without a script, what only looks at the form is a page like any other.
    if request.POST.get("action") == phone.TEST:
        phone.tell(request, _words(form, work.category), now=now)
        return _page(request, work, form)
    if request.POST.get("action") in uploads.CUTTING:
        return _page(request, work, form)
    if request.POST.get("action") == SUBMIT:
        is_fine = form.check_finished() and is_fine
    if not is_fine:
        return _page(request, work, form)
    try:
        broadcast = work.save(form, request, now=now)
    except NotPossible as refusal:
        return _refused(request, work, form, data, refusal)
    if request.POST.get("action") == SUBMIT:
        taken_in(request, str(verbs.VERBS[SUBMIT].done))
    else:
        taken_in(request, _("Saved as a draft."))
    return redirect("admin:campaigns_broadcast_change", broadcast.pk)


def _untracked(request: HttpRequest, work: Work, data: QueryDict) -> HttpResponse:
    """Show the form again, with links that give nobody away; nothing is saved by that."""
    for name in data:
        if name.startswith(forms.VALUE) or name == "full_text":
            data[name] = links.untracked(str(data[name]))
    form = forms.ComposeForm(data, category=work.category)
    form.is_valid()
    return _page(request, work, form)


def _refused(
    request: HttpRequest,
    work: Work,
    form: forms.ComposeForm,
    data: QueryDict,
    refusal: NotPossible,
) -> HttpResponse:
    """Show a refused form again. After a colleague's change, their version stands beside it."""
    context: dict[str, Any] = {}
    if work.broadcast:
        stored = get_object_or_404(Broadcast.objects.with_message(), pk=work.broadcast.pk)
        if stored.message.revision != form.cleaned_data["revision"]:
            newer = stored.message
            mine = differences.words(newer.template, form.values, form.full_text, form.chosen_media)
            theirs = differences.words_of(newer)
            context = {"newer": newer, "differences": differences.between(theirs, mine)}
            data = data.copy()
            data["revision"] = str(newer.revision)  # the next save knows about theirs
            form = forms.ComposeForm(data, category=work.category)
            form.is_valid()
    form.add_error(None, str(refusal))
    return _page(request, work, form, **context)


def _page(
    request: HttpRequest, work: Work, form: forms.ComposeForm, **context: Any
) -> HttpResponse:
    return show(
        request,
        "desk/compose.html",
        title=str(work.category),
        broadcast=work.broadcast,
        draft_action=SAVE,
        returned=diary.returned(work.broadcast),
        test_at=reverse("admin:campaigns_broadcast_test", args=[work.category.pk]),
        last=_last(request, work, form),
        **_shown(form, work.category),
        **phone.panel(request, work.category, now=timezone.now()),
        **autosave.shown(work.category, work.broadcast, user=user_of(request)),
        **context,
    )


def _shown(form: forms.ComposeForm, category: Category) -> dict[str, Any]:
    """Return what both the page and the answers while typing show."""
    original = correcting.original_of(form["corrects"].value())
    now, corrects_id = timezone.now(), original.pk if original else None
    goes_to = reach.of_category(category, corrects_id=corrects_id, now=now)
    template = category.template_for(full_text=form.full_text)
    today = timezone.localdate(now)
    return {
        "form": form,
        "category": category,
        "fields": form.value_fields,
        "full_text": form.full_text_field,
        "bubble": bubble.of_values(
            template, form.values, media=form.chosen_media, full_text=form.full_text
        ),
        "media": form.chosen_media,
        "limits": uploads.limits(category.template.header),
        "part": uploads.part(form.chosen_media),
        "budget": budget.of(template, form.values),
        "reach": goes_to,
        "price": money.estimated(template, people=goes_to.figure, on=today),
        "reading_price": money.reading_facts(goes_to.figure, on=today) if form.full_text else "",
        "departure": _departure(form, category),
        "waves": "" if original else limits.forecast(category, people=goes_to.figure),
        **correcting.shown(original),
    }


def _departure(form: forms.ComposeForm, category: Category) -> str:
    """Say when it would leave, as far as the form tells."""
    hours, now = connections.sending_hours(), timezone.now()
    wanted = form.due_at
    if category.ignores_quiet_hours:
        return _("This category is sent in quiet hours, too.")
    hours = category.hours(hours)
    at = wanted or now + hours.hold
    if hours.are_open(at):
        return "" if wanted else _at_once(hours)
    words = {"time": moment(hours.next_open(at))}
    if wanted:
        return _("That is in quiet hours. The next possible time: %(time)s.") % words
    return _("These are quiet hours. If it is approved now, it leaves: %(time)s.") % words


def _at_once(hours: SendingHours) -> str:
    if not hours.hold:
        return _("If it is approved now, it leaves at once.")
    minutes = -(-hours.hold // timedelta(minutes=1))
    words = _("If it is approved now, it leaves in %(n)s min, and can be undone until then.")
    return words % {"n": minutes}


def _mark_upload(form: forms.ComposeForm, problem: str) -> bool:
    if problem:
        form.add_error("upload", problem)
    return not problem


def _category(slug: str) -> Category:
    categories = Category.objects.filter(is_archived=False)
    return get_object_or_404(
        categories.select_related("tier", "template", "reading_template"), pk=slug
    )


def _last(request: HttpRequest, work: Work, form: forms.ComposeForm) -> Broadcast | None:
    """Return what an empty form may begin with by one act: the last message of its category."""
    is_new = work.broadcast is None and not form.is_bound and not form["corrects"].value()
    if not (is_new and request.user.has_perm("campaigns.view_message")) or "copy" in request.GET:
        return None
    return Broadcast.objects.last_of(work.category, now=timezone.now())


def _first(
    request: HttpRequest, category: Category, *, now: datetime, day: datetime
) -> dict[str, Any]:
    """Return words and file that a new message begins with: those of an older one, or few."""
    local, on = timezone.localtime(now), timezone.localtime(day)
    values = dated.first_values(category.template, now=local, day=on)
    older = opening.copied(request)
    if older is None:
        return {"values": values, "media": None}
    kept = older.media if older.category_id == category.pk else None
    values |= dated.lasting(category.template, older.values)
    return {"values": values, "full_text": older.full_text, "media": kept}
