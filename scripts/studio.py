"""A running demo and a browser before it: opens pages in German and takes their pictures.

For scripts/screenshots.py, which says what is in them. Each picture is a WebP of fewer bytes
than LIMIT, so that a clone of the project stays small.
"""

import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    FloatRect,
    Page,
    ViewportSize,
    sync_playwright,
)

PROJECT = Path(__file__).resolve().parent.parent
PICTURES = PROJECT / "docs" / "img" / "handbook"
LIMIT = 120_000  # bytes of one picture
TALLEST = 1700  # pixels; what is further below is not needed to recognise a page
WIDE = ViewportSize(width=1400, height=900)
HANDSET = ViewportSize(width=390, height=844)
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# What the demo runs with, and nothing else: the .env of a developer must not be seen.
SETTINGS = {
    "ENV_FILE": os.devnull,
    "WHATSAPP_RATE": "30",  # messages a second, of 60: slow enough to be looked at
    "HOLD_SECONDS": "20",  # so that there is something to be undone
}


class NotShown(Exception):
    """The demo did not come up, or a picture would be too large; says which."""


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
    signed_in: dict[tuple[str, bool, str], BrowserContext] = field(default_factory=dict)

    def open(self, user: str, path: str, *, on_phone: bool = False, scheme: str = "light") -> Page:
        """Open a page of the desk as this person."""
        who = (user, on_phone, scheme)
        if who not in self.signed_in:
            self.signed_in[who] = self._sign_in(user, on_phone=on_phone, scheme=scheme)
        page = self.signed_in[who].new_page()
        page.goto(self.demo.desk + path)
        return page

    def open_phone(self, person: str) -> Page:
        """Open the simulated phone of somebody."""
        page = self._context(on_phone=False, scheme="light").new_page()
        page.goto(f"{self.demo.simulator}/phone/#{person}")
        page.locator(".bubble").first.wait_for()
        return page

    def keep(self, page: Page, name: str, *, part: str = "") -> None:
        """Keep the picture of a page, or of one part of it. Raises NotShown."""
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        if part:
            png = page.locator(part).screenshot(animations="disabled")
        elif page.viewport_size == HANDSET:  # what stays at the foot of a screen stays there
            png = page.screenshot(animations="disabled")
        else:
            tall = page.evaluate("document.documentElement.scrollHeight")
            clip = FloatRect(x=0, y=0, width=WIDE["width"], height=min(tall, TALLEST))
            png = page.screenshot(full_page=True, clip=clip, animations="disabled")
        path = PICTURES / f"{name}.webp"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(smallest(png, name=name))
        sys.stdout.write(f"{path.relative_to(PROJECT)}  {path.stat().st_size // 1000} kB\n")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            sys.stdout.write(f"  {name}: wider than the screen\n")

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
        return self.browser.new_context(
            viewport=HANDSET if on_phone else WIDE,
            locale="de-DE",
            timezone_id="Europe/Berlin",
            color_scheme="dark" if scheme == "dark" else "light",
        )


def smallest(png: bytes, *, name: str) -> bytes:
    """Return a picture as WebP: without any loss if that is small enough. Raises NotShown."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for how in ({"lossless": True}, {"quality": 90}, {"quality": 75}):
        packed = io.BytesIO()
        picture.save(packed, "WEBP", method=6, **how)
        if packed.tell() < LIMIT:
            return packed.getvalue()
    raise NotShown(f"{name} would have {packed.tell()} bytes.")


@contextmanager
def running_demo() -> Iterator[Demo]:
    """Have a new demo running until the end of the block. Raises NotShown."""
    with TemporaryDirectory(prefix="pictures-") as folder:
        ports = dict(zip(("PORT", "SIMULATOR_PORT"), map(str, free_ports(2)), strict=True))
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        env = {**kept, **SETTINGS, **ports, "DATA_DIR": folder, "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=PROJECT,
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            wait_until_ready(process)
            yield Demo(env)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()


def wait_until_ready(process: "subprocess.Popen[str]") -> None:
    """Read what the demo says until it has told its own story. Raises NotShown."""
    for line in process.stdout or ():
        if line.startswith("Ctrl-C"):
            return
    raise NotShown("The demo ended before it was ready.")


def free_ports(number: int) -> list[int]:
    """Return so many ports of this machine that nobody uses."""
    with ExitStack() as taken:
        sockets = [taken.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def opened() -> Iterator[Studio]:
    """Have a demo and a browser until the end of the block. Raises NotShown."""
    with running_demo() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--lang=de-DE"],
            env={**os.environ, "LANGUAGE": "de"},  # how its date fields write a date
        )
        yield Studio(demo, browser)
        browser.close()
