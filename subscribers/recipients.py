"""Who else gets data of subscribers: one answer for notice, AUSKUNFT and the records."""

from datetime import date

from subscribers.models import Processor

# Sub-processor of WhatsApp Ireland, and the one outside the EU (WhatsApp Business Data Transfer
# Addendum, February 2024). No contract of ours is with it, so it need not be in the register.
META = "Meta Platforms, Inc."
META_COUNTRY = "USA"


def current(*, on: date) -> list[tuple[str, str]]:
    """Return name and country of everybody in the register on a day, and Meta in any case."""
    rows = Processor.objects.current(on=on).order_by("name").values_list("name", "country")
    registered = list(rows)
    if any(name.startswith("Meta Platforms") for name, _country in registered):
        return registered
    return [*registered, (META, META_COUNTRY)]


def names(*, on: date) -> list[str]:
    """Return the recipients, each with its country, as a person reads them."""
    return [f"{name} ({country})" for name, country in current(on=on)]
