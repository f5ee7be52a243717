"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "swe_broadcast.settings")

application = get_wsgi_application()

from swe_broadcast import listening  # noqa: E402 - models exist only now

listening.begin()
