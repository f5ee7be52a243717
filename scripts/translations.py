"""Keeps locale/ true to the sources: `python scripts/translations.py check | update`.

In the place of `makemessages` and `compilemessages`, which need GNU gettext on the machine;
this needs babel alone. `check` fails for a message without a translation, a doubtful (fuzzy)
one, one that the sources no longer use, a placeholder that got lost, and for a compiled file
that is not what the text file says. `update` writes both files.
"""

import argparse
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("swe_broadcast", "subscribers", "campaigns")
TEMPLATES = "templates"
LANGUAGE = "de"
PO = Path("locale", LANGUAGE, "LC_MESSAGES", "django.po")
KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}{suffix}": places
    for name, places in DEFAULT_KEYWORDS.items()
    for suffix in ("_lazy", "_noop")
    if name.endswith("gettext")
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")

Texts = str | Sequence[str] | None  # of one message; several when it has a plural


def main() -> int:
    """Do what the command line says; return the exit code."""
    parser = argparse.ArgumentParser(description="Translations: check or update them.")
    parser.add_argument("action", choices=["check", "update"])
    if parser.parse_args().action == "update":
        update(PROJECT)
        return 0
    problems = list(check(PROJECT))
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def check(project: Path) -> Iterator[str]:
    """Yield what is wrong with the translations of a project, one line each."""
    catalog = _read(project / PO)
    used = _extract(project)
    for message in _without_header(used):
        translated = catalog.get(message.id, message.context)
        if translated is None or not _is_complete(translated):
            yield f"not translated: {_where(message)}"
    for message in _without_header(catalog):
        if used.get(message.id, message.context) is None:
            yield f"no longer used: {message.id!r}"
        if message.fuzzy:
            yield f"fuzzy: {message.id!r}"
        if _is_complete(message) and _placeholders(message.id) != _placeholders(message.string):
            yield f"other placeholders: {message.id!r}"
    compiled = (project / PO).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != _compiled(catalog):
        yield f"{compiled.name} is not up to date: run `make messages`"


def update(project: Path) -> None:
    """Bring in new messages, drop unused ones, and compile."""
    path = project / PO
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog, used = _read(path), _extract(project)
    used.creation_date = catalog.creation_date  # the file changes when a text does, not daily
    catalog.update(used, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    with path.open("wb") as file:
        write_po(file, catalog, width=100, include_lineno=False, sort_by_file=True)
    path.with_suffix(".mo").write_bytes(_compiled(_read(path)))


def _read(path: Path) -> Catalog:
    if not path.exists():
        return _empty()
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def _empty() -> Catalog:
    return Catalog(
        locale=LANGUAGE,
        fuzzy=False,
        project="SWE Broadcast",
        version="1",
        header_comment="# What people read, in German. `make messages` refreshes this file.",
    )


def _compiled(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def _extract(project: Path) -> Catalog:
    """Return every message of the sources, without translations."""
    catalog = _empty()
    for path in _sources(project):
        name = path.relative_to(project).as_posix()
        for line, text, comments, context in _messages(path):
            catalog.add(text, None, [(name, line)], auto_comments=comments, context=context)
    return catalog


def _sources(project: Path) -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((project / package).rglob("*.py"))
    for folder in (TEMPLATES, *PACKAGES):
        for suffix in ("html", "txt", "xml"):
            yield from sorted((project / folder).rglob(f"*.{suffix}"))


def _messages(path: Path) -> Iterable[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text, method = path.read_text(encoding="utf-8"), "python"
    if path.suffix != ".py":
        # Django turns a template into calls of gettext() between rows of X: not quite Python,
        # but babel's reader for JavaScript does not mind.
        text, method = templatize(text, origin=str(path)), "javascript"
    return extract(method, io.BytesIO(text.encode()), KEYWORDS, ["Translators:"])


def _without_header(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _is_complete(message: Message) -> bool:
    return all(_forms(message.string))


def _placeholders(texts: Texts) -> set[str]:
    """Return those of the last form: a singular may say "one" in the place of a number."""
    return set(PLACEHOLDER.findall(_forms(texts)[-1]))


def _forms(texts: Texts) -> Sequence[str]:
    return [texts or ""] if texts is None or isinstance(texts, str) else texts


def _where(message: Message) -> str:
    places = ", ".join(f"{file}:{line}" for file, line in message.locations)
    return f"{message.id!r} ({places})"


if __name__ == "__main__":
    sys.exit(main())
