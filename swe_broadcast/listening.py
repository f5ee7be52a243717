"""Every web process notes, again and again, that it listens for webhooks.

While none of them does, WhatsApp's news cannot come in: campaigns/echoes.py. A thread does it and
not the requests, since an hour in which nobody asks us anything is not one in which we were deaf.
"""

import threading
import time

from django.db import Error, connection
from django.utils import timezone

from campaigns import echoes

BEAT = 3.0  # seconds; echoes.DEAF_AFTER bears two that are late


def begin() -> None:
    """Note it for as long as this process lives."""
    threading.Thread(target=_go_on, name="listening", daemon=True).start()


def _go_on() -> None:
    while True:
        note_once()
        time.sleep(BEAT)


def note_once() -> None:
    """Note it now. Without the database it is not noted, as if nobody had listened."""
    try:
        echoes.note_listening(now=timezone.now())  # noqa: TID251 - the edge
    except Error:
        connection.close()
