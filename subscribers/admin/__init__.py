"""What the data-protection officer and HR see: register, notices, texts, figures, who looked.

There is no page about subscribers, and none here changes anything.
"""

from subscribers.admin import access, figures, joining, register, texts

__all__ = ["access", "figures", "joining", "register", "texts"]
