"""What the data-protection officer and HR see: the consent register, notices, figures.

There is no page about subscribers, and none here changes anything.
"""

from subscribers.admin import figures, register

__all__ = ["figures", "register"]
