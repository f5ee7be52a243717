"""Which table lives in which database."""

from typing import Any

from django.db.models import Model

KEYS = "keys"
KEY_MODELS = {("subscribers", "subjectkey"), ("subscribers", "messagesecret")}


class KeysRouter:
    """Keys live alone in the database `keys`; everything else in `default`.

    The two have separate backups, the one with the keys kept for a much shorter time:
    destroying a key then really destroys what it sealed, also in old dumps.
    """

    def db_for_read(self, model: type[Model], **_hints: Any) -> str:
        return KEYS if _is_key(model._meta.app_label, model._meta.model_name) else "default"

    db_for_write = db_for_read

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **_hints: Any
    ) -> bool:
        if model_name is None:  # RunPython and RunSQL: our own all belong to the main database
            return db != KEYS
        return _is_key(app_label, model_name) == (db == KEYS)


def _is_key(app_label: str, model_name: str | None) -> bool:
    return (app_label, model_name) in KEY_MODELS
