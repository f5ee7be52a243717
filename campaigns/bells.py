"""Rings for many who ask, seldom, and without letting them wait for it."""

import threading
import time
from collections.abc import Callable


class Bell:
    """Rings soon after it was asked to, and at most once in `rest` seconds.

    Whoever hears it looks at the rows. So a row that is committed before `ask` is seen: every ask
    is followed by a ring, be it one for a hundred of them. The thread that rings lives as long as
    there is something to ring for; what it had still to do when its process ends is lost, as
    bells may be.
    """

    def __init__(self, ring: Callable[[], None], *, rest: float) -> None:
        self._ring = ring
        self._rest = rest
        self._lock = threading.Lock()
        self._is_asked = False
        self._is_ringing = False

    def ask(self) -> None:
        """Let it ring; return at once."""
        with self._lock:
            self._is_asked = True
            if self._is_ringing:
                return
            self._is_ringing = True
        threading.Thread(target=self._ring_while_asked, name="bell", daemon=True).start()

    def _ring_while_asked(self) -> None:
        try:
            while self._take():
                self._ring()
                time.sleep(self._rest)
        except BaseException:
            with self._lock:  # the next one who asks finds it in order
                self._is_ringing = False
            raise

    def _take(self) -> bool:
        with self._lock:
            self._is_ringing, self._is_asked = self._is_asked, False
            return self._is_ringing
