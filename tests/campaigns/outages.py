"""A database that is not there: every connection is refused, as after a crash of its server."""

from contextlib import contextmanager

from django.db import connection

from tests.whatsapp.server import free_port


@contextmanager
def no_database():
    """Refuse connections to the database `default` until the block ends."""
    real = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(HOST="127.0.0.1", PORT=free_port())
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(real)
