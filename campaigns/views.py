"""What others ask of us by HTTP: Meta its webhooks, the operator our health. And our mistakes."""

import hmac
import sys
from ipaddress import ip_address

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, Error, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from campaigns import connections as ours
from campaigns import echoes, health, inbox, metrics, outage, patience, tasks
from whatsapp import signature

PLAIN = "text/plain; charset=utf-8"
TRY_AGAIN = 30  # seconds; a database that was restarted is back by then


@csrf_exempt
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest) -> HttpResponse:
    """Answer Meta's verification (GET) and take in what it brings (POST)."""
    return _verify(request) if request.method == "GET" else _take_in(request)


def _verify(request: HttpRequest) -> HttpResponse:
    challenge = signature.verify_challenge(
        request.GET.dict(), verify_token=settings.WHATSAPP_VERIFY_TOKEN
    )
    if challenge is None:
        return HttpResponse("The verify token is not ours.", status=403, content_type=PLAIN)
    return HttpResponse(challenge, content_type=PLAIN)


def _take_in(request: HttpRequest) -> HttpResponse:
    """Everything but 200 makes Meta send the same again, for days: so only if we want that."""
    try:
        body = request.body
    except RequestDataTooBig:
        return HttpResponse("Too large.", status=413, content_type=PLAIN)
    given = request.META.get("HTTP_X_HUB_SIGNATURE_256")  # .headers would read them all
    if not signature.is_valid(body, given, secrets=settings.WHATSAPP_APP_SECRETS):
        return HttpResponse("The signature is not ours.", status=403, content_type=PLAIN)
    try:
        received = inbox.receive(body, desk=ours.desk(), now=timezone.now())
    except (inbox.NotHonoured, Error) as trouble:
        return _keep_for_later(body) if patience.is_outage(trouble) else _send_it_again()
    if received.statuses_wait:
        tasks.ring_for_statuses()
    if received.replies_wait:
        tasks.ring_for_replies()
    return HttpResponse(content_type=PLAIN)


def _keep_for_later(body: bytes) -> HttpResponse:
    is_kept = outage.keep(body, vault=ours.vault(), spool=ours.spool(), now=timezone.now())
    return HttpResponse(content_type=PLAIN) if is_kept else _send_it_again()


def _send_it_again() -> HttpResponse:
    echoes.note_refusal(now=timezone.now())
    return HttpResponse("Please send it again.", status=503, content_type=PLAIN)


@require_GET
@never_cache
def live(_request: HttpRequest) -> HttpResponse:
    """Tell that this process answers, whatever else is broken."""
    return HttpResponse("ok", content_type=PLAIN)


@require_GET
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """Tell whether this process can do its work: both databases answer.

    Without its broker the web can still take in every webhook, so that is no reason to take
    it out of service.
    """
    answers = {}
    for alias in ("default", "keys"):
        try:
            connections[alias].ensure_connection()
            answers[alias] = connections[alias].is_usable()
        except DatabaseError:
            answers[alias] = False
    return JsonResponse(answers, status=200 if all(answers.values()) else 503)


@require_GET
@never_cache
def figures(request: HttpRequest) -> HttpResponse:
    """Show the metrics to this machine, or to whoever has the token."""
    if not _may_see_metrics(request):
        return HttpResponse("Not for you.", status=403, content_type=PLAIN)
    state = health.state(tasks.QUEUES, spool=ours.spool(), now=timezone.now())
    return HttpResponse(metrics.text(state), content_type="text/plain; version=0.0.4")


def _may_see_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode())
    try:
        # A proxy in front would make everybody local, so production sets the token (checks.py).
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def trouble(_request: HttpRequest) -> HttpResponse:
    """Answer what nobody has caught: the database is away for a while, or it is our mistake."""
    error = sys.exception()
    if not isinstance(error, Exception) or not patience.is_outage(error):
        return HttpResponse(loader.render_to_string("500.html"), status=500)
    page = loader.render_to_string("503.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(TRY_AGAIN)})
