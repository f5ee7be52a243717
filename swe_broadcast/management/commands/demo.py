"""`manage.py demo`: everything on this machine, with people, and one broadcast to them."""

import os
import secrets
import string
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from swe_broadcast import databases, engines, local, processes
from swe_broadcast.demo.story import LOGINS, Ending, Story, Stuck
from whatsapp.errors import WhatsAppError
from whatsapp.simulator import Control, ControlError


class Command(BaseCommand):
    """Starts the process tree and tells the story of swe_broadcast/demo around it."""

    help = (
        "Starts everything on this machine with a simulated WhatsApp, lets 412 people join, sends "
        "them a press review, shows that it adds up, and stays up until Ctrl-C."
    )
    requires_system_checks = ()  # the processes run them

    @no_translations
    def handle(self, *args: object, **options: Any) -> None:
        """Do it all."""
        if settings.PRODUCTION:
            raise CommandError("The demo is for this machine only, see ALLOWED_HOSTS.")
        if self._choose_settings():
            # The settings of this process are already read; it begins anew with the new ones.
            os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - ourselves
        tree = processes.Tree(
            data_dir=settings.DATA_DIR,
            port=settings.PORT,
            simulator_port=settings.SIMULATOR_PORT,
            embedded=engines.needed(),
        )
        try:
            with processes.servers(tree):
                databases.prepare(embedded="postgres" in tree.embedded)
                with processes.running(tree, announce=processes.in_words(self._show)) as desk:
                    self._tell()
                    desk.wait()
        except (processes.CannotRun, databases.NotPrepared, Stuck) as exc:
            raise CommandError(str(exc)) from exc
        except (ControlError, WhatsAppError) as exc:
            raise CommandError(f"The simulator did not do its part: {exc}") from exc
        except KeyboardInterrupt:
            self._show("\nEverything has ended. The data stay in " + str(settings.DATA_DIR))

    def _choose_settings(self) -> bool:
        """Note what the demo wants different from a real desk; True if that is new."""
        note = settings.DATA_DIR / local.DEMO_SETTINGS
        if note.exists():
            return False
        settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        wanted = {
            "QUIET_HOURS": "off",  # people try it in the evening, too
            "WHATSAPP_RATE": "60",  # below the 80 a second that Meta allows to begin with
            "DEMO_PASSWORD": _password(),
        }
        local.write_env(note, wanted)
        return True

    def _tell(self) -> None:
        """Tell the story, or what is left of it. Raises Stuck."""
        story = Story(
            control=Control(f"http://{processes.HOST}:{settings.SIMULATOR_PORT}"),
            show=self._show_progress,
            clock=timezone.now,
            app_id=settings.WHATSAPP_APP_ID,
        )
        story.make_users(password=os.environ["DEMO_PASSWORD"])
        broadcast = story.sent_broadcast()
        if broadcast and broadcast.closed_at:
            self._show("\nThe data of the last time are still here.")
        else:
            story.approve_templates()
            story.let_people_join()
            story.write_messages()
            story.plan_series()
            story.publish_figures()
            broadcast = story.send()
        self._show_ending(story.ending(broadcast))
        self._show_addresses()

    def _show_ending(self, ending: Ending) -> None:
        page = ending.balance
        failed, skipped = sum(page.failed.values()), sum(page.skipped.values())
        self._show(
            f"\nThe balance of broadcast {ending.broadcast.pk} ({ending.broadcast.message})\n"
            f"  planned {page.planned} = accepted {page.accepted} + failed {failed} "
            f"+ skipped {skipped} + unclear {page.in_doubt + page.unknown} + open {page.open}\n"
            f"  delivered {page.delivered}\n"
            f"  by their last word, {ending.wanted} of the simulated people wanted it; "
            f"{ending.got} phones have got it, {ending.got_twice} of them twice"
        )
        if ending.adds_up:
            self._show(self.style.SUCCESS("  It adds up."))
        else:
            self._show(self.style.ERROR("  IT DOES NOT ADD UP."))

    def _show_addresses(self) -> None:
        names = ", ".join(f"{name} ({group})" for name, group in LOGINS.items())
        self._show(
            f"\nThe desk        http://localhost:{settings.PORT}/\n"
            f"The phones      http://localhost:{settings.SIMULATOR_PORT}/phone/\n"
            f"Log in as       {names}\n"
            f"Password        {os.environ['DEMO_PASSWORD']}\n\nCtrl-C ends everything."
        )

    def _show(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _show_progress(self, line: str) -> None:
        """Show one line that changes; where nobody watches, only what is new."""
        if self.stdout.isatty():
            self.stdout.write(f"\r\x1b[K{line}", ending="")
            self.stdout.flush()
        elif line != self._last_line:
            self._show(line)
        self._last_line = line

    _last_line = ""


def _password() -> str:
    """Draw a password that can be read from one screen and typed on another."""
    letters = [secrets.choice(string.ascii_lowercase) for _ in range(12)]
    return "-".join("".join(letters[start : start + 4]) for start in (0, 4, 8))
