"""Every page of this installation: found in its addresses, with a row for each argument."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.apps import apps
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from subscribers import access
from subscribers.models import Clearance, Thread
from tests.factories import SubscriberFactory, UserFactory

GROUPS = ("Redaktion", "Freigabe", "Datenschutz", "Personal", "IT")
NOBODY = ""  # who looks at what is public
PUBLIC = {"login", "privacy-notice", "own-data"}
# What answers with a file, a part of a page, a state for machines, or only to a button.
NO_PAGES = frozenset(
    """
    app_list autocomplete jsi18n live logout metrics ready view_on_site webhook
    campaigns_archivedbroadcast_period campaigns_broadcast_correct campaigns_broadcast_do
    campaigns_broadcast_keep campaigns_broadcast_preview campaigns_broadcast_progress
    campaigns_broadcast_restore campaigns_broadcast_test campaigns_broadcast_test_saved
    campaigns_broadcast_upload campaigns_feed_process_import campaigns_phonetest_connected
    campaigns_phonetest_fates
    campaigns_media_content campaigns_messagetemplate_push campaigns_messagetemplate_sync
    campaigns_messagetemplate_discard campaigns_messagetemplate_preview
    campaigns_messagetemplate_seen campaigns_messagetemplate_submit campaigns_messagetemplate_use
    campaigns_press_keep campaigns_press_lines campaigns_press_test campaigns_slot_move
    subscribers_clearance_take_back
    subscribers_consentevent_copy subscribers_consentevent_receipt
    subscribers_incident_end subscribers_incident_evidence
    subscribers_incident_note subscribers_joincode_do subscribers_joincode_poster
    subscribers_ledgercheck_bundle subscribers_ledgercheck_verifier
    subscribers_processor_terms subscribers_textversion_approve
    subscribers_thread_answer
    """.split()
)

# Needs a template in the making: looked at by the tests of that page.
ELSEWHERE = frozenset({"campaigns_messagetemplate_edit"})


@dataclass(frozen=True, slots=True)
class Page:
    """An address, and the group as whose member it is looked at."""

    name: str
    path: str
    group: str
    status: int = 200


def names():
    """Return the name of every address and the names of its arguments."""
    return {name: arguments for name, arguments in _walk(get_resolver()) if name}


def pages(scene, clients):
    """Return every page that one of these people may open, and the names that nobody opened."""
    found, closed = [], []
    for name, arguments in names().items():
        if name in NO_PAGES | ELSEWHERE:
            continue
        opened = [
            page
            for values in _values(name, arguments, scene)
            if (page := _opened(name, values, clients))
        ]
        found += opened
        found += [replace(opened[-1], group=it) for it in ALSO_SEEN_BY.get(name, ()) if opened]
        closed += [] if opened else [name]
    return [*found, *_starts(), *_errors()], closed


def members():
    """Return a client for a member of each group, and one for nobody."""
    clients = {NOBODY: Client()}
    for group in GROUPS:
        clients[group] = Client()
        clients[group].user = UserFactory(group=group, first_name="Anna", last_name="Huber")
        clients[group].force_login(clients[group].user)
    return clients


def _walk(resolver) -> Iterator[tuple[str, list[str]]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _walk(one)
        elif isinstance(one, URLPattern) and hasattr(one.pattern, "converters"):
            yield one.name, list(one.pattern.converters)


def _starts():
    return [Page("index", "/admin/", group) for group in GROUPS[1:]]  # the first has it already


def _errors():
    return [Page("403", "/admin/auth/user/", "Personal", 403), Page("404", "/nichts/", NOBODY, 404)]


def _opened(name, values, clients):
    try:
        path = reverse(f"admin:{name}", args=values)
    except NoReverseMatch:
        path = reverse(name, args=values)
    if name in ASKS_WHY:
        path += ASKS_WHY[name]
    for group in (NOBODY,) if name in PUBLIC else GROUPS:
        if _get(clients[group], path).status_code == 200:
            return Page(name, path, group)
    return None


def _get(client, path):
    """Fetch a page; where it asks why, say so and come back."""
    answer = client.get(path)
    if "/reason/" in answer.headers.get("Location", ""):
        answer = client.post(answer.headers["Location"], {"reason": "Prüfung"}, follow=True)
    return answer


# Who sees something else there than the first group that may, in what was opened last.
ALSO_SEEN_BY = {
    "campaigns_broadcast_review": ("Freigabe", "IT"),
    "campaigns_broadcast_change": ("Freigabe", "IT"),
}
STATES = "draft in_review approved scheduled sending paused missed cancelled done".split()
ASKS_WHY = {"subscribers_accessevent_reason": "?about=ledger&next=/admin/"}


def _values(name, arguments, scene):
    """Return a list of arguments for each page of this name that is worth a look."""
    if not arguments:
        return [[]]
    if name in SPECIAL:
        return SPECIAL[name](scene)
    app, model, _page = name.split("_", 2)
    newest = apps.get_model(app, model).objects.order_by("-pk").first()
    return [[newest.pk]] if newest else []


def _in(*states):
    return lambda scene: [[scene.broadcasts[state].pk] for state in states]


def _own_copy(_scene):
    return [[access.new_link(SubscriberFactory(), now=timezone.now())], ["nothing"]]


SPECIAL = {
    "own-data": _own_copy,
    "campaigns_broadcast_write": lambda _: [["neues"], ["bilder"], ["video"], ["eilmeldung"]],
    "campaigns_press_write": lambda _: [["presseschau"]],
    "campaigns_broadcast_edit": _in("written"),
    "campaigns_press_edit": _in("draft"),
    "campaigns_broadcast_versions": _in("draft"),
    "campaigns_broadcast_review": _in("in_review"),
    "campaigns_broadcast_change": _in(*STATES),
    "campaigns_broadcast_confirm": lambda it: [[it.broadcasts["sending"].pk, "cancel"]],
    "campaigns_archivedbroadcast_issue": _in("done"),
    "subscribers_textversion_text": lambda _: [["de", "erase_cancelled"], ["de", "notice"]],
    "subscribers_clearance_confirm": lambda _: [[Clearance.Paper.values[0]]],
    "subscribers_thread_change": lambda _: [[Thread.objects.get().pk]],
}
