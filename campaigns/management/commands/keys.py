"""`manage.py keys`: which keys there are, and how they are changed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from campaigns import connections
from campaigns.management.console import VerbConsole
from subscribers import rotation, sealed_box


class Command(VerbConsole):
    """Never shows a key, but for `pair`, which draws one that this machine must not keep."""

    help = "Keys: their ids and what hangs on them, rotation, and a key pair for sealed proofs."
    verbs = {
        "list": "ids, dates and counts of all keys",
        "rotate": "bring everything to the current keys, while the system runs",
        "pair": "draw a key pair for PROOF_PUBLIC_KEY and its three shares, on another machine",
    }

    def do_list(self, _options: dict[str, Any]) -> Mapping[str, object]:
        """Return the inventory."""
        files = {
            name: datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
            for name, path in sorted(settings.SECRETS.files.items())
        }
        vault = connections.vault()
        proof = sealed_box.key_id(vault.proof_key) if vault.proof_key else "none"
        return {**rotation.inventory(vault), "proof": proof, "files_changed_on": files}

    def do_rotate(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Rotate to the end and return what was done. Raises CommandError if rows are damaged."""
        steps: dict[str, rotation.Progress] = {}
        for progress in rotation.rotate(connections.vault(), now=timezone.now()):
            steps[progress.step] = progress
            if progress.left and not options["json"]:
                self.stdout.write(f"{progress.step}: {progress.done} done, {progress.left} left")
        damaged = sum(progress.damaged for progress in steps.values())
        if damaged:
            raise CommandError(f"{damaged} rows do not open and stay as they are: docs/keys.md.")
        return {step: progress.done for step, progress in steps.items()}

    def do_pair(self, _options: dict[str, Any]) -> Mapping[str, object]:
        """Draw a key pair; it is stored nowhere."""
        public, shares = sealed_box.draw()
        return {"PROOF_PUBLIC_KEY": public} | {
            f"envelope {share.holder}": str(share) for share in shares
        }
