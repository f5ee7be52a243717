"""What the data-protection officer and HR see: the consent register, notices, texts, figures.

There is no page about subscribers, and none here changes anything.
"""

from subscribers.admin import figures, joining, register, texts

__all__ = ["figures", "joining", "register", "texts"]
