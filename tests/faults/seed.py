"""A desk with subscribers, for a process tree of its own: `python -m tests.faults.seed 412`.

Writes them directly: how people join is tested elsewhere, and would take a minute here.
"""

import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "swe_broadcast.settings")
    django.setup()
    from django.utils import timezone

    from campaigns.models import MessageTemplate
    from tests.factories import SubscriberFactory, UserFactory

    UserFactory(username="redaktion", group="Redaktion", can_log_in=True)
    UserFactory(username="freigabe", group="Freigabe", can_log_in=True)
    MessageTemplate.objects.exclude(header="").update(status="APPROVED")  # not used here
    for number in range(int(sys.argv[1])):
        SubscriberFactory(tier="maxi" if number % 3 else "mini", joined_at=timezone.now())


if __name__ == "__main__":
    main()
