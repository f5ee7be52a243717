"""The record of processing activities (Art. 30(1) GDPR), from the configuration as it is.

Its order is that of the article: controller, purposes, people and data, recipients, transfers,
time limits, security. Always German: the supervisory authority reads it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns.admin import keeping
from campaigns.admin.paper import Document, Part
from campaigns.models import Category
from subscribers.models import Processor, Tier
from subscribers.retention import Rule

LANGUAGE = "de"


def document(
    *, organisation: Mapping[str, str], proof_mode: str, rules: Sequence[Rule], now: datetime
) -> Document:
    """Return the record as things are at this moment."""
    with translation.override(LANGUAGE):
        return Document(
            title=_("Record of processing activities: news by WhatsApp"),
            about=_(
                "Art. 30(1) GDPR. Generated from the configuration of the running system; please "
                "check it and add what only your organisation knows."
            ),
            made_at=now,
            parts=[
                _controller(organisation),
                _purposes(),
                _people(proof_mode=proof_mode),
                *_recipients(now=now),
                _limits(rules),
                _security(proof_mode=proof_mode),
            ],
        )


def _controller(organisation: Mapping[str, str]) -> Part:
    return Part(
        _("Controller"),
        rows=[
            (_("Controller"), organisation["name"]),
            (_("Data protection officer"), organisation["dpo"]),
            (_("Supervisory authority"), organisation["authority"]),
            (_("Privacy notice"), organisation["url"]),
        ],
    )


def _purposes() -> Part:
    tiers = ", ".join(Tier.objects.order_by("level").values_list("name", flat=True))
    used = Category.objects.filter(is_archived=False).order_by("position")
    return Part(
        _("Purposes and legal basis"),
        rows=[
            (_("Purpose"), _("company news by WhatsApp to employees who asked for them")),
            (_("Legal basis"), _("consent, Art. 6(1)(a) GDPR; § 26(2) BDSG for employees")),
            (_("Tiers"), tiers),
            (_("Categories of news"), ", ".join(str(category) for category in used)),
        ],
    )


def _people(*, proof_mode: str) -> Part:
    kept = {
        "none": _("none: no proof is kept after the end, only the receipt of the person"),
    }.get(proof_mode, _("sealed to key holders outside this system, to be opened by two of them"))
    return Part(
        _("People and data"),
        rows=[
            (_("Subscribers"), _("mobile number or WhatsApp user id (encrypted), tier, language")),
            ("", _("consent events: act, moment, version and hash of the words shown")),
            ("", _("state of each delivery for seven days; no read receipts")),
            (_("Members of the desk"), _("user name, rights, what they wrote, approved, changed")),
            ("", _("own phone, if they connected one for tests: sealed, until they disconnect it")),
            (_("Proof after the end"), kept),
            (
                _("Special categories"),
                _("none asked for; what replies say of it is shortened and deleted"),
            ),
        ],
    )


def _recipients(*, now: datetime) -> list[Part]:
    processors = Processor.objects.current(on=timezone.localtime(now).date()).order_by("name")
    missing = _("to be added")
    who = [(each.name, each.get_role_display(), each.duty) for each in processors]
    where = [
        (
            each.name,
            each.country,
            each.get_transfer_display() if each.transfer else missing,
            date_format(each.contract_on) if each.contract_on else missing,
        )
        for each in processors
    ]
    transfers = (_("Recipient"), _("Country"), _("Basis of a transfer"), _("Contract of"))
    return [
        Part(_("Recipients"), columns=(_("Recipient"), _("Role"), _("Does")), rows=who),
        Part(_("Transfers to third countries"), columns=transfers, rows=where),
    ]


def _limits(rules: Sequence[Rule]) -> Part:
    return Part(
        _("Time limits for erasure"),
        (_("Enforced by the system, reported every night as an event of the ledger."),),
        (_("Class of data"), _("Kept for"), _("Reason")),
        [keeping.described(rule) for rule in rules],
    )


def _security(*, proof_mode: str) -> Part:
    measures = [
        (
            _("Encryption"),
            _("AES-256-GCM with a key of its own for every subscriber; keys in another database"),
        ),
        (_("Pseudonymisation"), _("everything but the sealed address leads to a random number")),
        (_("Integrity"), _("append-only ledger, signed every hour, verified every night")),
        (_("Access"), _("five groups; no page, log or export shows a number or a name")),
        (_("Four eyes"), _("nobody approves what they wrote")),
        (_("Withdrawal"), _("STOP counts before WhatsApp gets its answer, and blocks every send")),
    ]
    if proof_mode != "none":
        measures.append(
            (_("Disclosure"), _("two key holders with a reason, on the console, recorded, mailed"))
        )
    return Part(
        _("Technical and organisational measures (Art. 32 GDPR)"), columns=(), rows=measures
    )
