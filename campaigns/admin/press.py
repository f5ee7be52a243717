"""The press-review desk: collect links and headlines, put them in order, see them on the phone.

Every act is a POST of the whole form, which comes back with its lines changed: so nothing gets
lost, and the page works without a script. With one, only the lines and the preview are fetched.
The links of a list are never opened by us; feeds are read by a worker (campaigns/feeds.py).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import contents, dated, headlines, press, scheduling, unsaved
from campaigns.admin import (
    autosave,
    bubble,
    budget,
    correcting,
    diary,
    forms,
    limits,
    money,
    opening,
    phone,
    press_form,
    reach,
)
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import moment, needs, show, taken_in
from campaigns.admin.press_form import ADD, DOWN, DROP, SHOW, TAKE, UP, PressForm
from campaigns.headlines import Line
from campaigns.models import Broadcast, Category, Feed, FeedItem, Message, MessageTemplate
from campaigns.phone_tests import Words
from campaigns.refusals import NotPossible

ACTS = (ADD, TAKE, DROP, UP, DOWN, SHOW)  # what is answered by the lines; the rest saves
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Desk:
    """What somebody works on: a new issue of a category, or one that is being changed."""

    category: Category
    broadcast: Broadcast | None
    now: datetime

    @transaction.atomic
    def save(self, form: PressForm, request: HttpRequest) -> Broadcast:
        """Keep what was collected. Raises NotPossible."""
        typed: dict[str, Any] = {
            "values": form.values,
            "full_text": form.full_text,
            "template": form.template,
            "media": None,
            "due_at": form.due_at,
            "by": user_of(request),
            "now": self.now,
        }
        if self.broadcast is None:
            typed |= {f"{one}_id": form.cleaned_data[one] for one in ("slot", "corrects")}
            typed |= {"also_at": form.elsewhere or ""}
            saved = scheduling.write(category=self.category, **typed)
        else:
            typed |= {"not_after": self.broadcast.not_after, "also_at": form.elsewhere}
            revision = form.cleaned_data["revision"] or 0
            scheduling.change(self.broadcast, revision=revision, **typed)
            saved = self.broadcast
        press.keep(saved.message, form.lines)
        unsaved.forget(user_of(request), category=self.category, broadcast=self.broadcast)
        return saved


@needs("campaigns.add_message")
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """Start an issue, empty or with the lines of another one (?copy=ID)."""
    category = _category(slug)
    desk = Desk(category, None, timezone.now())
    if request.method == "POST":
        return _take(request, desk)
    slot = opening.slot(request, category)
    start: dict[str, Any] = {"slot": slot.pk, **forms.time_of(slot.due_at)} if slot else {}
    today = dated.day_of(category.template, timezone.localtime(slot.due_at if slot else desk.now))
    start |= {f"{forms.VALUE}{name}": today for name in _others(category)}
    start |= correcting.start(request, category)
    older = opening.copied(request)
    return _page(request, desk, press.lines_of(older) if older else [], initial=start)


@needs("campaigns.change_message")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with an issue that is not being sent."""
    broadcast = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
    if way_out := opening.closed(request, broadcast):
        return way_out
    message = broadcast.message
    if not press.has_our_text(message):  # somebody has rewritten it: it is no list any more
        return redirect("admin:campaigns_broadcast_edit", broadcast.pk)
    desk = Desk(message.category, broadcast, timezone.now())
    if request.method == "POST":
        return _take(request, desk)
    start = forms.initial(
        values=message.values, full_text="", media=None, broadcast=broadcast, now=desk.now
    )
    start["has_text"] = bool(message.full_text)
    return _page(request, desk, press.lines_of(message), initial=start)


@needs("campaigns.add_message")
@require_POST
def lines(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer somebody who is collecting: the lines, what is said about them, the preview."""
    desk = Desk(_category(slug), _changed(request), timezone.now())
    kept = _after(request.POST)
    form = PressForm(request.POST, category=desk.category, lines=_written(kept))
    form.is_valid()
    context = _shown(form, desk, kept)
    if is_act := _act(request.POST)[0] in ACTS:
        context["items"] = _offered(kept, now=desk.now)
        context["has_feeds"] = Feed.objects.filter(is_active=True).exists()
    return show(request, "desk/press_live.html", **context, is_live=True, is_act=is_act)


@needs("campaigns.send_phonetest")
@require_POST
def test(request: HttpRequest, slug: str) -> HttpResponse:
    """Send what has been collected to the phone of whoever collects. Keeps nothing else."""
    desk = Desk(_category(slug), _changed(request), timezone.now())
    form = PressForm(request.POST, category=desk.category, lines=_written(_after(request.POST)))
    form.is_valid()
    return phone.answer(request, _words(form, desk), now=desk.now)


def _words(form: PressForm, desk: Desk) -> Words:
    """Return what has been collected, as it would be sent."""
    corrects = correcting.original_of(form["corrects"].value()) is not None
    typed = contents.of(form.template, form.values, form.full_text, corrects=corrects)
    return Words(category=desk.category, **typed)


def _take(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take in a posted form; show it again after an act, and with whatever is in the way."""
    kept = _after(request.POST)
    data = request.POST.copy()
    act, _which = _act(request.POST)
    if act in ACTS:
        data["pasted"] = "" if act == ADD else data.get("pasted", "")
        return _again(request, desk, data, kept)
    form = PressForm(data, category=desk.category, lines=_written(kept))
    if act == phone.TEST:
        form.is_valid()
        phone.tell(request, _words(form, desk), now=desk.now)
        return _again(request, desk, data, kept)
    check = form.check_lines if act == DRAFT else form.check_finished
    if not (form.is_valid() and check()):
        return _answer(request, form, desk, kept)
    try:
        broadcast = desk.save(form, request)
    except NotPossible as refusal:
        return _refused(request, desk, data, kept, refusal)
    if act == DRAFT:
        taken_in(request, _("Saved as a draft."))
    else:
        taken_in(request, _("Saved. Please read it as your readers will see it."))
    return redirect("admin:campaigns_broadcast_change", broadcast.pk)


def _again(
    request: HttpRequest, desk: Desk, data: QueryDict, kept: dict[int, Line]
) -> HttpResponse:
    """Show the form after an act: what was typed is not judged yet."""
    initial = {name: data[name] for name in data if name not in ("key", "action")}
    form = PressForm(initial=initial, category=desk.category, lines=_written(kept))
    return _answer(request, form, desk, kept)


def _refused(
    request: HttpRequest, desk: Desk, data: QueryDict, kept: dict[int, Line], refusal: NotPossible
) -> HttpResponse:
    """Show a refused form again. After a colleague's change, their version stands beside it."""
    context: dict[str, Any] = {}
    if desk.broadcast:
        stored = get_object_or_404(Message, pk=desk.broadcast.message_id)
        if str(stored.revision) != data.get("revision"):
            data["revision"] = str(stored.revision)  # the next save knows about theirs
            context = {"newer": stored, "newer_lines": press.lines_of(stored)}
    form = PressForm(data, category=desk.category, lines=_written(kept))
    form.add_error(None, str(refusal))
    return _answer(request, form, desk, kept, **context)


def _page(
    request: HttpRequest, desk: Desk, start: list[Line], *, initial: dict[str, Any]
) -> HttpResponse:
    form = PressForm(category=desk.category, lines=start, initial=initial)
    return _answer(request, form, desk, dict(enumerate(start, start=1)))


def _answer(
    request: HttpRequest, form: PressForm, desk: Desk, kept: dict[int, Line], **context: Any
) -> HttpResponse:
    return show(
        request,
        "desk/press.html",
        title=str(desk.category),
        broadcast=desk.broadcast,
        draft_action=DRAFT,
        returned=diary.returned(desk.broadcast),
        test_at=reverse("admin:campaigns_press_test", args=[desk.category.pk]),
        items=_offered(kept, now=desk.now),
        feeds=Feed.objects.filter(is_active=True).order_by("name"),
        **phone.panel(request, desk.category, now=desk.now),
        **_shown(form, desk, kept),
        **autosave.shown(desk.category, desk.broadcast, user=user_of(request), is_press=True),
        **context,
    )


def _shown(form: PressForm, desk: Desk, kept: dict[int, Line]) -> dict[str, Any]:
    """Return what both the page and the answers while collecting show."""
    template = form.template
    original = correcting.original_of(form["corrects"].value())
    corrects_id = original.pk if original else None
    goes_to = reach.of_category(desk.category, corrects_id=corrects_id, now=desk.now)
    today = timezone.localdate(desk.now)
    issues = press.last_issues(desk.category, now=desk.now, but=desk.broadcast)
    before = [issue for issue in issues if issue != original]
    old = [line for issue in before for line in press.lines_of(issue.message)]
    return {
        "form": form,
        "category": desk.category,
        "rows": press_form.rows(kept, before=old),
        "last_issue": next(iter(issues), None),
        "lines_max": press.most_lines(desk.category),
        "is_ready": template.status == MessageTemplate.Status.APPROVED,
        "variant": template,
        "bubble": bubble.of_values(template, form.values, media=None, full_text=form.full_text),
        "reading_price": money.reading_facts(goes_to.figure, on=today) if form.full_text else "",
        "reach": goes_to,
        "price": money.estimated(template, people=goes_to.figure, on=today),
        "listed": headlines.listed(form.lines),
        "preview_at": reverse("admin:campaigns_press_lines", args=[desk.category.pk]),
        "n": len(form.lines),
        "budget": budget.of(template, form.values),
        "waves": "" if original else limits.forecast(desk.category, people=goes_to.figure),
        **correcting.shown(original),
    }


def _after(data: QueryDict) -> dict[int, Line]:
    """Return the posted lines as they are after the act that was chosen."""
    kept = press_form.lines_in(data)
    act, which = _act(data)
    if act == ADD:
        kept = press_form.joined(kept, press.read(data.get("pasted", "")))
    elif act == TAKE:
        items = FeedItem.objects.filter(pk=which).select_related("feed")
        kept = press_form.joined(kept, map(press.line_of, items))
    elif act == DROP:
        kept.pop(which, None)
    elif act in (UP, DOWN):
        kept = press_form.moved(kept, key=which, by=-1 if act == UP else 1)
    return kept


def _act(data: QueryDict) -> tuple[str, int]:
    """Return the act of the button that was pressed, and on which line or headline."""
    act, _space, which = data.get("action", "").partition(" ")
    return act, int(which) if which.isdecimal() else 0


def _written(kept: dict[int, Line]) -> list[Line]:
    return [line for line in kept.values() if line.text]


def _offered(kept: dict[int, Line], *, now: datetime) -> list[dict[str, Any]]:
    """Return the headlines of feeds that may be taken, without those that have been."""
    taken = {line.link for line in kept.values()}
    return [
        {"pk": item.pk, "line": press.line_of(item), "when": moment(item.found_at)}
        for item in press.offered(now=now)
        if item.link not in taken
    ]


def _category(slug: str) -> Category:
    categories = Category.objects.filter(is_archived=False, is_press_review=True)
    return get_object_or_404(categories.select_related("tier", "template"), pk=slug)


def _others(category: Category) -> list[str]:
    return press.other_names(category.template)[:1]


def _changed(request: HttpRequest) -> Broadcast | None:
    """Return the issue that is being changed, so that it is not compared with itself."""
    wanted = request.POST.get("broadcast", "")
    return Broadcast.objects.filter(pk=int(wanted)).first() if wanted.isdecimal() else None
