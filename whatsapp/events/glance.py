"""A glance at the bytes of a webhook, many times cheaper than reading it: may somebody speak in it?

Almost all webhooks report what became of our messages; only what people say is urgent.
"""

import re
from typing import Final

# Meta names every change about messages "messages" as well; as a key it has a colon behind it.
_MESSAGES: Final = re.compile(rb'"messages"[ \t\n\r]*:')
_PREFERENCES: Final = b'"user_preferences"'
# The only way to spell a letter of these keys differently (RFC 8259, section 7).
_ESCAPED_LETTER: Final = b"\\u00"


def may_speak(body: bytes) -> bool:
    """Whether `parse` might find a message or a preference of a person in these bytes.

    No is certain, whatever the bytes are. Yes is a guess: read them to know.
    """
    return _MESSAGES.search(body) is not None or _PREFERENCES in body or _ESCAPED_LETTER in body
