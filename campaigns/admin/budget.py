"""The characters of a message: how many there are, and how many its template takes by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns import composing
from campaigns.models import MessageTemplate
from whatsapp.limits import BODY_MAX


@dataclass(frozen=True, slots=True)
class Budget:
    """What WhatsApp allows for the whole text, and what of it is used. UTF-16 code units."""

    used: int
    overhead: int  # by the words of the template; part of `used`
    most: int = BODY_MAX

    @property
    def left(self) -> int:
        """How many more may be typed; negative if the text is too long."""
        return self.most - self.used


def of(template: MessageTemplate, values: Mapping[str, str]) -> Budget:
    """Return the budget of a message with these values."""
    return Budget(
        used=BODY_MAX - composing.room_left(template, values),
        overhead=BODY_MAX - composing.room_left(template, {}),
    )
