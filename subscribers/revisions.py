"""The words in force: shipped ones, until somebody proposes better and somebody else approves.

A text is proposed by the desk and approved by the data-protection officer, never by the same
person. The newest approved version counts at once; notice and question together become a new
version of the privacy notice, because that is what consent is bound to.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from subscribers import claims
from subscribers.claims import Problem
from subscribers.models import Notice, TextVersion
from subscribers.wording import Words, shipped

NOTICE_TEXTS = ("notice", "question")


class NotUsable(Exception):
    """The wording cannot be used; `problems` say why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(problem.rule for problem in problems))
        self.problems = problems


class NotApprovable(Exception):
    """Somebody else has to approve it, or it has been approved already."""


def body(language: str, name: str) -> str:
    """Return the words in force, with their placeholders."""
    version = TextVersion.objects.in_force(language=language, name=name)
    return version.body if version else shipped(language, name)


def text(language: str, name: str, /, **values: object) -> str:
    """Return the words in force, filled; raises KeyError if a placeholder has no value."""
    return body(language, name).format_map(values)


@transaction.atomic
def propose(
    name: str,
    words: str,
    *,
    language: str,
    by: User,
    organisation: Mapping[str, str],
    now: datetime,
    is_material: bool = False,
) -> TextVersion:
    """Store a wording for approval. Raises NotUsable."""
    words = words.replace("\r\n", "\n").strip()
    found = claims.problems(name, words, language=language, organisation=organisation)
    if words == body(language, name):
        found.append(Problem("unchanged"))
    if found:
        raise NotUsable(found)
    versions = TextVersion.objects.filter(language=language, name=name)
    newest = versions.aggregate(newest=Max("version"))["newest"] or 0
    return TextVersion.objects.create(
        language=language,
        name=name,
        version=newest + 1,
        body=words,
        sha256=hashlib.sha256(words.encode()).hexdigest(),
        is_material=is_material and name in NOTICE_TEXTS,
        proposed_by=by,
        proposed_at=now,
    )


@transaction.atomic
def offer(name: str, *, language: str, is_material: bool, now: datetime) -> TextVersion | None:
    """Propose the shipped words to an installation that has older ones; once, and never in force.

    None if the same words have been proposed before, by whomever.
    """
    words = shipped(language, name)
    versions = TextVersion.objects.filter(language=language, name=name)
    if versions.filter(body=words).exists():
        return None
    newest = versions.aggregate(newest=Max("version"))["newest"] or 0
    return TextVersion.objects.create(
        language=language,
        name=name,
        version=newest + 1,
        body=words,
        sha256=hashlib.sha256(words.encode()).hexdigest(),
        is_material=is_material,
        proposed_at=now,
    )


@transaction.atomic
def approve(
    version_id: int, *, by: User, organisation: Mapping[str, str], now: datetime
) -> TextVersion:
    """Put a proposed wording in force. Raises NotApprovable."""
    version = TextVersion.objects.select_for_update().get(pk=version_id)
    newer = TextVersion.objects.in_force(language=version.language, name=version.name)
    is_outdated = newer is not None and newer.version > version.version
    if version.approved_at is not None or version.proposed_by_id == by.pk or is_outdated:
        raise NotApprovable
    version.approved_by, version.approved_at = by, now
    version.save(update_fields=["approved_by", "approved_at"])
    if version.name in NOTICE_TEXTS:
        _publish_notice(version, organisation=organisation, now=now)
    return version


def _publish_notice(
    version: TextVersion, *, organisation: Mapping[str, str], now: datetime
) -> Notice:
    """Make the words in force the next version of the notice in this language."""
    last = Notice.objects.current(version.language)
    mini, maxi, no = last.buttons
    words = Words(
        language=version.language,
        notice=text(version.language, "notice", version=last.version + 1, **organisation),
        question=text(version.language, "question"),
        buttons=(mini, maxi, no),
    )
    return Notice.objects.create(
        language=words.language,
        version=last.version + 1,
        notice=words.notice,
        question=words.question,
        buttons=list(words.buttons),
        sha256=words.sha256(),
        is_material=version.is_material,
        valid_from=now,
    )
