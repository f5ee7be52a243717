"""`manage.py consent`: the ledger verified and exported; one receipt printed, or acted upon."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from campaigns import by_letter, connections
from campaigns.management.console import VerbConsole
from subscribers import access_log, bundle, checkpoints, evidence, register, verification
from subscribers.models import AccessEvent, ConsentEvent
from verifier import verify_ledger

# What only the system itself can find; the verifier has the other words.
OWN_WORDS = {
    "unwritten": "events that are in no leaf: {where}.",
    "state": "subscriptions that are not what their events say: {where}.",
}


class Command(VerbConsole):
    """The verbs of the consent ledger."""

    help = (
        "The consent ledger: verify, export, print a receipt, show the public key; "
        "and what somebody asks for by letter: leaving, being erased."
    )
    verbs = {
        "verify": "check the ledger, or an exported bundle; exit code 1 if it was changed",
        "export": "write the ledger to a file: for the verifier, as JSON-LD, or as CSV",
        "receipt": "print the receipt of one consent",
        "key": "print the public key with which checkpoints are checked",
        "withdraw": "end a subscription on a written request, by a receipt code",
        "erase": "erase a person on a written request, by a receipt code; cannot be undone",
    }
    is_well = True

    def handle(self, *args: object, **options: Any) -> None:
        """Do it, print, and fail if the ledger was changed."""
        super().handle(*args, **options)
        if not self.is_well:
            raise CommandError("The ledger does not verify, see above.")

    def show(self, facts: Mapping[str, object]) -> None:
        """Print a text as it is, facts one a line."""
        if "text" in facts:
            self.stdout.write(str(facts["text"]))
        else:
            super().show(facts)

    def add_verify(self, parser: ArgumentParser) -> None:
        """Add the bundle and what it is held against besides our own checkpoints."""
        parser.add_argument("--bundle", type=Path, help="a bundle instead of the database")
        parser.add_argument(
            "--anchor", type=Path, nargs="+", default=[], help="mails or files with checkpoints"
        )

    def do_verify(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Verify; a bundle is held against the checkpoints that are stored here, too."""
        if options["bundle"]:
            return self._verify_bundle(options["bundle"], options["anchor"])
        found = verification.verify(keys=connections.ledger_keys(), now=timezone.now())
        self.is_well = not found.findings
        return {
            "ok": self.is_well,
            "events": found.size,
            "erased": found.erased,
            "checkpoints": found.checkpoints,
            "findings": [_words(one["what"], one["where"]) for one in found.findings],
        }

    def _verify_bundle(self, path: Path, places: list[Path]) -> Mapping[str, object]:
        try:
            anchors = verify_ledger.read_anchors(places) + bundle.checkpoints()
            report = verify_ledger.check_bundle(
                path, keys=connections.ledger_keys(), anchors=anchors
            )
        except verify_ledger.Unjudgeable as trouble:
            raise CommandError(f"{trouble} is not readable.") from None
        self.is_well = report.exit_code == 0
        return {"ok": self.is_well, "text": verify_ledger.in_words(report, language="en")}

    def add_export(self, parser: ArgumentParser) -> None:
        """Add format and file."""
        parser.add_argument("--format", choices=["bundle", "jsonld", "csv"], default="bundle")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")

    def do_export(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Write the file; a bundle has a fresh checkpoint, so that one covers all of it."""
        output, now = options["output"], timezone.now()
        try:
            with output.open("w", encoding="utf-8", newline="") as file:
                match options["format"]:
                    case "bundle":
                        checkpoints.take(signer=connections.ledger_signer(), now=now)
                        n = bundle.write(file, origin=settings.LEDGER_ORIGIN, now=now)
                    case "jsonld":
                        n = evidence.write_jsonld(
                            file,
                            organisation=settings.ORGANISATION,
                            keeps_proof=settings.PROOF_MODE != "none",
                            on=timezone.localdate(now),
                        )
                    case _:
                        n = evidence.write_csv(file)
        except OSError as trouble:
            raise CommandError(f"{output} cannot be written: {trouble.strerror}.") from None
        access_log.note(AccessEvent.What.EXPORT, user=None, now=now, ref=options["format"])
        return {"file": str(output), "format": options["format"], "entries": n}

    def add_receipt(self, parser: ArgumentParser) -> None:
        """Add the code."""
        parser.add_argument("code", help="a receipt code, such as 7KQF-M2XR")

    def add_withdraw(self, parser: ArgumentParser) -> None:
        """Add code and reason."""
        self.add_receipt(parser)
        parser.add_argument(
            "--reason", required=True, help="for the access log, such as: letter of 3 May"
        )

    add_erase = add_withdraw

    def do_receipt(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Return the receipt as a page of text."""
        event = _receipt(options)
        access_log.note(AccessEvent.What.RECORD, user=None, now=timezone.now(), ref=str(event.pk))
        page = evidence.receipt(
            event, organisation=settings.ORGANISATION, origin=settings.LEDGER_ORIGIN
        )
        return {"code": event.receipt_code, "text": page}

    def do_withdraw(self, options: dict[str, Any]) -> Mapping[str, object]:
        """End the subscription, tell the person, and return the receipt of it."""
        return self._end(by_letter.withdraw, options)

    def do_erase(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Have the person erased within minutes, tell them, and return the receipt of it."""
        return self._end(by_letter.erase, options)

    def _end(self, end: Callable[..., ConsentEvent], options: dict[str, Any]) -> dict[str, object]:
        reason = options["reason"].strip()
        if not reason:
            raise CommandError("Say for what reason: it stands in the access log.")
        speaker, now = connections.desk().conversation.speaker, timezone.now()
        try:
            event = end(_receipt(options), reason=reason, speaker=speaker, now=now)
        except by_letter.NothingToEnd:
            raise CommandError("Whoever holds this receipt has left already.") from None
        return {"event": event.kind, "receipt": event.receipt_code, "at": event.happened_at}

    def do_key(self, _options: dict[str, Any]) -> Mapping[str, object]:
        """Return the public key in one line (c2sp.org/signed-note)."""
        return {"key": connections.ledger_signer().public_key}


def _receipt(options: Mapping[str, Any]) -> ConsentEvent:
    """Return the event of a receipt code. Raises CommandError."""
    code = register.receipt_code(options["code"])
    event = ConsentEvent.objects.filter(receipt_code=code or "").first()
    if event is None:
        raise CommandError(f"There is no receipt “{options['code']}”.")
    return event


def _words(what: str, where: int) -> str:
    if what in OWN_WORDS:
        return OWN_WORDS[what].format(where=where)
    return verify_ledger.word(what, "en", where=where)
