"""The WhatsApp Cloud API on the wire: a plain library without Django, Celery or a clock."""
