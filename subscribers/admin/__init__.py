"""What the data-protection officer and HR see: register, notices, texts, figures, who looked.

There is no page about subscribers. Nothing here changes but the register of processors.
"""

from subscribers.admin import access, figures, joining, processors, register, texts

__all__ = ["access", "figures", "joining", "processors", "register", "texts"]
