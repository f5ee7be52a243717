"""Consents for the eyes and programs of others: JSON-LD, CSV, a receipt on paper.

Everything is pseudonymous: it leads to a random id and never to a person.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TextIO

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from subscribers import bundle, promises, recipients, register
from subscribers.ledger import tree
from subscribers.models import ConsentEvent, LedgerLeaf

Kind = ConsentEvent.Kind
Body = Mapping[str, Any]

# The W3C group's profile of ISO/IEC TS 27560 (w3id.org/dpv/schema/dpv-27560).
CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
STATUS = {
    Kind.REQUESTED: "dpv:ConsentRequested",
    Kind.GIVEN: "dpv:ConsentGiven",
    Kind.TIER_CHANGED: "dpv:ConsentGiven",
    Kind.REFUSED: "dpv:ConsentRefused",
    Kind.WITHDRAWN: "dpv:ConsentWithdrawn",
}
# Whose act an event was; WhatsApp's own “stop” is a switch that the person moved.
BY_THE_PERSON = (ConsentEvent.Act.BUTTON, ConsentEvent.Act.WORD, ConsentEvent.Act.META)
VALIDITY = "until it is withdrawn; asked again every year, and ended where nobody answers"
PERSONAL_DATA = (
    ("pd:TelephoneNumber", "mobile number, encrypted"),
    ("pd:AccountIdentifier", "WhatsApp user id, encrypted"),
    ("pd:Preference", "tier and language"),
    ("pd:Communication", "replies to the editors, under an alias, shortened"),
    ("dpv:PersonalData", "time and wording of each consent, whether messages were delivered"),
)
COLUMNS = (
    *("number", "recorded_at", "happened_at", "kind", "act", "subject", "tier", "notice"),
    *("notice_sha256", "receipt"),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is the same in every record."""

    organisation: Mapping[str, str]
    keeps_proof: bool
    recipients: Sequence[tuple[str, str]]  # name, country

    @property
    def address(self) -> str:
        """Where the controller is; at least where its notice is, if the setting is empty."""
        return self.organisation.get("address") or self.organisation["url"]


def write_csv(file: TextIO) -> int:
    """Write a line for every event that has not been erased; return how many those are."""
    lines = csv.writer(file)
    lines.writerow(COLUMNS)
    written = 0
    for number, body in _events():
        lines.writerow([number, *(body[column] for column in COLUMNS[1:])])
        written += 1
    return written


def write_jsonld(
    file: TextIO, *, organisation: Mapping[str, str], keeps_proof: bool, on: date
) -> int:
    """Write a consent record for everybody who is in the ledger; return how many those are.

    `on`: the day whose register of processors names the recipients.
    """
    terms = _terms(organisation, keeps_proof=keeps_proof, on=on)
    people: dict[str, list[Body]] = {}
    for _number, body in _events():
        if body["kind"] in STATUS and body["subject"]:
            people.setdefault(body["subject"], []).append(body)
    records = [_record(bodies, terms) for bodies in people.values()]
    json.dump({"@context": CONTEXT, "@graph": records}, file, ensure_ascii=False, indent=1)
    return len(records)


def write_record_csv(file: TextIO, record: register.Record) -> None:
    """Write a line for every event of one consent, as write_csv() does for all."""
    lines = csv.writer(file)
    lines.writerow(COLUMNS)
    for line in record.lines:
        body = line.event.body()
        lines.writerow([line.number, *(body[column] for column in COLUMNS[1:])])


def write_record_jsonld(
    file: TextIO,
    record: register.Record,
    *,
    organisation: Mapping[str, str],
    keeps_proof: bool,
    on: date,
) -> None:
    """Write one consent as write_jsonld() does all; an event that stands alone is none."""
    bodies: list[Body] = [
        event.body() for event in record.events if event.kind in STATUS and event.subscriber_id
    ]
    terms = _terms(organisation, keeps_proof=keeps_proof, on=on)
    graph = [_record(bodies, terms)] if bodies else []
    json.dump({"@context": CONTEXT, "@graph": graph}, file, ensure_ascii=False, indent=1)


def _terms(organisation: Mapping[str, str], *, keeps_proof: bool, on: date) -> Terms:
    return Terms(organisation, keeps_proof=keeps_proof, recipients=recipients.current(on=on))


def receipt(event: ConsentEvent, *, organisation: Mapping[str, str], origin: str) -> str:
    """Return the receipt of one event as a page of text, in the language of its notice."""
    shown = register.record_of(event).shown[-1:]
    with override(shown[0].notice.language if shown else None):
        lines = [
            (_("Receipt"), event.receipt_code),
            (_("Event"), event.get_kind_display()),
            (_("Act"), event.get_act_display()),
            (_("Date"), _moment(event.happened_at)),
            (_("Tier"), event.tier.upper() or "–"),
            (_("Controller"), organisation["name"]),
            (_("Data protection officer"), organisation["dpo"]),
            (_("Supervisory authority"), organisation["authority"]),
            (_("Purpose"), _("company news by WhatsApp")),
            (_("Legal basis"), _("consent, Art. 6(1)(a) GDPR")),
            (_("Leaving"), _("write STOP, at any time")),
            (_("Privacy notice"), organisation["url"]),
        ]
        width = max(len(label) for label, _words in lines) + 2
        page = [f"{label + ':':<{width}}{words}" for label, words in lines]
        for notice in shown:
            title = _("These words were shown (version %(version)s, SHA-256 %(hash)s):")
            facts = {"version": notice.notice.version, "hash": notice.stored}
            page += ["", title % facts, "", notice.notice.notice, "", notice.notice.question]
        return "\n".join([*page, "", *_proof(event, origin=origin)]) + "\n"


def _proof(event: ConsentEvent, *, origin: str) -> Iterator[str]:
    """Say where in the ledger the event is, and prove it."""
    leaf = LedgerLeaf.objects.get(event=event)
    rows = LedgerLeaf.objects.order_by("seq").values_list("leaf_hash", flat=True)
    leaves = [bytes(row) for row in rows]
    yield _("Proof: event %(number)s of %(size)s in the ledger %(origin)s, root %(root)s") % {
        "number": leaf.seq,
        "size": len(leaves),
        "origin": origin,
        "root": tree.root(leaves).hex(),
    }
    yield from (step.hex() for step in tree.inclusion_proof(leaf.seq, leaves))


def _events() -> Iterator[tuple[int, Body]]:
    """Return every event that has not been erased, with its number in the ledger."""
    for leaf in bundle.leaves():
        if leaf["body"] is not None:
            yield leaf["seq"], leaf["body"]


def _record(bodies: list[Body], terms: Terms) -> dict[str, object]:
    """Return what one person agreed to, and when; constants are said once, as entities."""
    first, last = bodies[0], bodies[-1]
    notices = [body["notice"] for body in bodies if body["notice"]]
    language = notices[-1].partition("/")[0] if notices else "de"
    return {
        "@type": ["dpv:ConsentRecord"],
        "dct:conformsTo": "dpv-27560:record-2",
        "dpv:hasIdentifier": f"consent-{first['subject']}",
        "dpv:hasDataSubject": {
            "@type": ["dpv:DataSubject"],
            "dpv:hasIdentifier": first["subject"],
        },
        "dct:created": first["recorded_at"],
        "dct:modified": last["recorded_at"],
        "dct:creator": "controller",
        "dct:language": language.upper(),
        "dpv:hasEntity": _parties(terms),
        "dpv:hasProcess": [_process(bodies, terms)],
    }


def _parties(terms: Terms) -> dict[str, object]:
    """Return everybody who is named in the record by an id of the record's own."""
    ours = terms.organisation
    parties: dict[str, object] = {
        "controller": {
            "@type": ["dpv:DataController"],
            "dpv:hasIdentifier": "controller",
            "dpv:hasName": ours["name"],
            "dpv:hasAddress": terms.address,
            "dpv:hasContact": [ours["dpo"], ours["url"]],
        },
        "authority": {
            "@type": ["dpv:Authority"],
            "dpv:hasIdentifier": "authority",
            "dpv:hasName": ours["authority"],
        },
    }
    for number, (name, country) in enumerate(terms.recipients, start=1):
        parties[f"recipient-{number}"] = {
            "@type": ["dpv:Recipient"],
            "dpv:hasIdentifier": f"recipient-{number}",
            "dpv:hasName": name,
            "dpv:hasAddress": country,
            "dpv:hasContact": [ours["dpo"]],  # through the controller
        }
    return parties


def _process(bodies: list[Body], terms: Terms) -> dict[str, object]:
    return {
        "@type": ["dpv:Process"],
        "dpv:hasPurpose": [
            {"@type": ["dpv:Purpose"], "skos:prefLabel": "company news by WhatsApp, as chosen"}
        ],
        "dpv:hasPersonalData": [
            {"@type": ["dpv:PersonalData"], "skos:broader": broader, "skos:prefLabel": what}
            for broader, what in PERSONAL_DATA
        ],
        "dpv:hasProcessing": ["dpv:Collect", "dpv:Store", "dpv:Use"],
        "dpv:hasDataController": ["controller"],
        "dpv:hasDataSource": ["dpv:DataSubjectDataSource"],
        "dpv:hasRecipient": [f"recipient-{n}" for n in range(1, len(terms.recipients) + 1)],
        "dpv:hasAuthority": ["authority"],
        "dpv:hasStorageCondition": [*_storage(terms)],
        "dpv:hasJurisdiction": ["loc:DE", "loc:EU"],
        "dpv:hasConsentControl": [
            {
                "@type": ["dpv:WithdrawConsent"],
                "dct:description": "the word STOP in the chat, at any time, without a reason; or a "
                "message to the data protection officer",
                "dpv:hasContact": [terms.organisation["dpo"]],
            }
        ],
        "dpv:hasRight": ["eu-gdpr:A7-3", *(f"eu-gdpr:A{n}" for n in (15, 16, 17, 18, 20, 77))],
        "dpv:hasLegalBasis": ["eu-gdpr:A6-1-a"],
        "dpv:hasNotice": {"@type": ["dpv:ConsentNotice"], "@id": terms.organisation["url"]},
        "dpv:hasConsentStatus": [_status(body) for body in bodies],
    }


def _storage(terms: Terms) -> Iterator[dict[str, object]]:
    """Say where the data lie, and for how long each kind of them."""
    limits = promises.numbers()
    proof = "{proof_years} full calendar years after the end of the subscription, sealed"
    spans = {
        "identifier and settings": "{stop_hours} hours after the withdrawal",
        "replies": "{replies_days} days, {stop_hours} hours after the withdrawal at the latest",
        "deliveries": "{deliveries_days} days after the broadcast was closed",
        "proof of the consent": proof
        if terms.keeps_proof
        else "{no_proof_hours} hours after the identifier; no proof is kept",
    }
    for what, until in spans.items():
        yield {
            "@type": ["dpv:StorageDuration"],
            "skos:prefLabel": what,
            "dpv:hasDuration": {
                "@type": "dpv:UntilEventDuration",
                "rdf:value": until.format_map(limits),
            },
        }
    yield {
        "@type": ["dpv:StorageLocation"],
        "skos:prefLabel": "servers of the controller",
        "dpv:hasLocation": terms.address,
    }
    for name, country in terms.recipients:
        yield {
            "@type": ["dpv:StorageLocation"],
            "skos:prefLabel": name,
            "dpv:hasLocation": country,
        }


def _status(body: Body) -> dict[str, object]:
    by_the_person = body["act"] in BY_THE_PERSON
    return {
        "@type": [STATUS[Kind(body["kind"])]],
        "dct:date": body["happened_at"],
        "dct:valid": VALIDITY,
        "dpv:isImplementedByEntity": body["subject"] if by_the_person else "controller",
        "dpv:hasLegalBasis": "dpv:ExpressedConsent",
        "dpv:hasIndicationMethod": body["act"],
        "skos:prefLabel": body["tier"],
        "dct:references": {"notice": body["notice"], "sha256": body["notice_sha256"]},
        "dct:identifier": body["receipt"],
    }


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M %Z}"
