"""A running demo and a browser before it: opens pages in German and takes their pictures.

For scripts/screenshots.py, which says what is in them.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    FloatRect,
    Page,
    Playwright,
    ViewportSize,
    sync_playwright,
)

from scripts.album import Album, NotShown

PROJECT = Path(__file__).resolve().parent.parent
TALLEST = 1700  # pixels; what is further below is not needed to recognise a page
WIDE = ViewportSize(width=1400, height=900)
HANDSET = ViewportSize(width=390, height=844)
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
GERMAN = "Fülle dieses Feld aus."  # what a German Chromium says about an empty field
PATIENCE = timedelta(minutes=10)  # with anything: the machine may be busy, but not asleep
LOOK = 0.5  # seconds between two looks at what is to come
READY = "Ctrl-C ends everything."  # the last words of a demo that has told its story
# What the demo runs with, and nothing else: the .env of a developer must not be seen.
SETTINGS = {
    "ENV_FILE": os.devnull,
    "HOLD_SECONDS": "60",  # so that there is something to be undone
    "WHATSAPP_RATE": "15",  # messages a second: slow enough to be looked at
}
# Nothing is under way: no request of htmx, no letter without its font.
AT_REST = "document.fonts.status === 'loaded' && !document.querySelector('.htmx-request')"
EMPTY_FIELD = "Object.assign(document.createElement('input'), {required: true}).validationMessage"


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that runs, and its console."""

    env: dict[str, str]

    @property
    def desk(self) -> str:
        """Where the desk answers."""
        return f"http://localhost:{self.env['PORT']}"

    @property
    def simulator(self) -> str:
        """Where the simulator answers."""
        return f"http://localhost:{self.env['SIMULATOR_PORT']}"

    @property
    def password(self) -> str:
        """With which everybody of the demo signs in."""
        lines = Path(self.env["DATA_DIR"], "demo.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)["DEMO_PASSWORD"].strip(
            "'\""
        )

    def console(self, *arguments: str) -> Any:
        """Run one of our commands, and return what it says as JSON."""
        command = [sys.executable, "manage.py", *arguments, "--json"]
        done = subprocess.run(  # noqa: S603 - our own commands
            command, cwd=PROJECT, env=self.env, check=True, stdout=subprocess.PIPE
        )
        return json.loads(done.stdout)


@dataclass(frozen=True, slots=True)
class Studio:
    """Opens pages as somebody, in German, and takes their pictures."""

    demo: Demo
    browser: Browser
    album: Album
    signed_in: dict[tuple[str, bool, str], BrowserContext] = field(default_factory=dict)

    def open(self, user: str, path: str, *, on_phone: bool = False, scheme: str = "light") -> Page:
        """Open a page of the desk as this person."""
        who = (user, on_phone, scheme)
        if who not in self.signed_in:
            self.signed_in[who] = self._sign_in(user, on_phone=on_phone, scheme=scheme)
        page = self.signed_in[who].new_page()
        page.goto(self.demo.desk + path)
        return page

    def hold(self, page: Page) -> None:
        """Let a page stay as it is from now on, whatever happens at the desk."""
        page.wait_for_function(AT_REST)
        page.route("**/*", lambda route: route.abort())

    def open_phone(self, person: str) -> Page:
        """Open the simulated phone of somebody."""
        page = self._context(on_phone=False, scheme="light").new_page()
        page.goto(f"{self.demo.simulator}/phone/#{person}")
        page.locator(".bubble").first.wait_for()
        return page

    def keep(self, page: Page, name: str, *, part: str = "") -> None:
        """Keep the picture of a page, or of one part of it. Raises NotShown."""
        page.wait_for_function(AT_REST)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            raise NotShown("the page is wider than the screen.")
        if part:
            png = page.locator(part).screenshot(animations="disabled")
        elif page.viewport_size == HANDSET:  # what stays at the foot of a screen stays there
            png = page.screenshot(animations="disabled")
        else:
            tall = page.evaluate("document.documentElement.scrollHeight")
            clip = FloatRect(x=0, y=0, width=WIDE["width"], height=min(tall, TALLEST))
            png = page.screenshot(full_page=True, clip=clip, animations="disabled")
        say(f"{name}  {self.album.keep(name, png) // 1000} kB")

    def _sign_in(self, user: str, *, on_phone: bool, scheme: str) -> BrowserContext:
        context = self._context(on_phone=on_phone, scheme=scheme)
        page = context.new_page()
        page.goto(f"{self.demo.desk}/admin/login/?next=/admin/")
        page.fill("[name=username]", user)
        page.fill("[name=password]", self.demo.password)
        page.keyboard.press("Enter")
        page.locator("#user-tools").wait_for()
        page.close()
        return context

    def _context(self, *, on_phone: bool, scheme: str) -> BrowserContext:
        context = self.browser.new_context(
            viewport=HANDSET if on_phone else WIDE,
            locale="de-DE",
            timezone_id="Europe/Berlin",
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE.total_seconds() * 1000)
        return context


def say(line: str) -> None:
    """Tell whoever watches, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def wait(is_there: Callable[[], bool], what: str) -> None:
    """Look until something is there. Raises NotShown with what did not come."""
    end = time.monotonic() + PATIENCE.total_seconds()
    while not is_there():
        if time.monotonic() > end:
            raise NotShown(f"{what} did not come within {PATIENCE}.")
        time.sleep(LOOK)


@contextmanager
def opened(album: Album) -> Iterator[Studio]:
    """Have a demo and a browser until the end of the block. Raises NotShown."""
    with sync_playwright() as playwright:
        browser = german_browser(playwright)  # before the demo: it fails sooner
        with running_demo() as demo:
            yield Studio(demo, browser, album)
        browser.close()


def german_browser(playwright: Playwright) -> Browser:
    """Start Chromium in German: its fields for day and time, too. Raises NotShown."""
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox"],
        env={**os.environ, "LANGUAGE": "de"},  # an option or a locale does not reach those fields
    )
    page = browser.new_page()
    if page.evaluate(EMPTY_FIELD) != GERMAN:
        raise NotShown("Chromium knows no German: apt-get install chromium-l10n, as root.")
    page.close()
    return browser


@contextmanager
def running_demo() -> Iterator[Demo]:
    """Have a new demo running until the end of the block. Raises NotShown."""
    with TemporaryDirectory(prefix="pictures-") as folder:
        ports = dict(zip(("PORT", "SIMULATOR_PORT"), map(str, free_ports(2)), strict=True))
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        env = {**kept, **SETTINGS, **ports, "DATA_DIR": folder, "PYTHONUNBUFFERED": "1"}
        told = Path(folder, "told")
        with told.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"],
                cwd=PROJECT,
                env=env,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until_ready(process, told)
            yield Demo(env)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def wait_until_ready(process: "subprocess.Popen[bytes]", told: Path) -> None:
    """Wait until the demo has told its own story. Raises NotShown."""
    say("The demo begins; people join it, and get their first press review.")
    while READY not in told.read_text():  # it knows itself when it is stuck, and ends
        if process.poll() is not None:
            raise NotShown(f"the demo ended before it was ready:\n{told.read_text()[-2000:]}")
        time.sleep(LOOK)


def free_ports(number: int) -> list[int]:
    """Return so many ports of this machine that nobody uses."""
    with ExitStack() as taken:
        sockets = [taken.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
