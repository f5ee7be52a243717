"""The own phone of somebody at the desk: connected by a code, sealed, gone when it should be.

They write a code, which the desk shows them, to our number; so nobody can connect a phone that
is not in their hand, and no number is ever typed. What is kept is a sealed address under their
user name. It makes nobody a subscriber.
"""

import logging
import re
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet

from subscribers.identities import Address
from subscribers.models import DeskPhone, Erasure, Identity, PhoneCode, SubjectKey
from subscribers.vault import Vault, VaultError, WrappedKey, place, seal, unseal

logger = logging.getLogger(__name__)

WORD = "TELEFON"  # what a code begins with, so that nothing else is taken for one
# No vowel and no S, so that a code never is a word; no digit, so that it is no phone number.
LETTERS = "BCDFGHJKMNPQRTVWXZ"
LENGTH = 8  # of 18 letters each: 33 bits, for a quarter of an hour and a few wrong ones
CODE = re.compile(rf"\W*{WORD}\W+([{LETTERS}]{{4}})\W?([{LETTERS}]{{4}})\W*", re.IGNORECASE)
VALID_FOR = timedelta(minutes=15)
DRAWN_AT_MOST = 5  # codes an hour and person
WRONG_AT_MOST = 20  # wrong codes from anybody; then those that are open count no more
AN_HOUR = timedelta(hours=1)
UNUSED_FOR = timedelta(days=183)  # then a phone is forgotten (retention.py)


class TooMany(Exception):
    """Somebody has drawn enough codes for this hour."""


@transaction.atomic
def draw(user: User, *, vault: Vault, now: datetime) -> str:
    """Return a new code for a person, as they are to write it; earlier ones count no more.

    Raises TooMany.
    """
    User.objects.select_for_update().get(pk=user.pk)  # one draw after the other
    codes = PhoneCode.objects.filter(user=user)
    if codes.filter(drawn_at__gt=now - AN_HOUR).count() >= DRAWN_AT_MOST:
        raise TooMany
    codes.filter(expires_at__gt=now).update(expires_at=now)
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    PhoneCode.objects.create(
        user=user, code_hash=vault.code_hash(code), drawn_at=now, expires_at=now + VALID_FOR
    )
    return f"{WORD} {code[:4]}-{code[4:]}"


def is_code(text: str) -> bool:
    """Tell whether somebody wrote a code to us, right or wrong. No word of ours looks like one."""
    return CODE.fullmatch(text) is not None


@transaction.atomic
def connect(text: str, address: Address, *, vault: Vault, now: datetime) -> bool:
    """Connect the phone that a code came from with whoever was shown it; False for a wrong one.

    Each code counts once. Whatever phone they had before is forgotten.
    """
    written = CODE.fullmatch(text)
    code = "".join(written.groups()).upper() if written else ""
    valid = PhoneCode.objects.filter(
        expires_at__gt=now, wrong__lt=WRONG_AT_MOST, user__is_active=True
    )
    ours = valid.filter(code_hash=vault.code_hash(code)).select_for_update(of=("self",)).first()
    if ours is None:
        PhoneCode.objects.filter(expires_at__gt=now).update(wrong=F("wrong") + 1)
        return False
    PhoneCode.objects.filter(pk=ours.pk).update(expires_at=now)
    forget(DeskPhone.objects.filter(user=ours.user_id), now=now)
    kind, value = address.parts()[0]
    phone = DeskPhone(user_id=ours.user_id, kind=kind, connected_at=now, used_at=now)
    data_key, wrapped = vault.new_data_key(subject=phone.pk)
    # Committed in its own database first, as in identities.py; a key of nobody is swept away.
    SubjectKey.objects.create(
        subscriber_id=phone.pk, key_id=wrapped.key_id, wrapped=wrapped.sealed, created_at=now
    )
    phone.sealed = seal(value.encode(), key=data_key, place=_place(phone))
    phone.save(force_insert=True)
    return True


def of(user: User) -> DeskPhone | None:
    """Return the phone of somebody, None if they have connected none."""
    return DeskPhone.objects.filter(user=user).first()


def address(phone: DeskPhone, *, vault: Vault) -> Address:
    """Open the address of a phone; an empty one if it is damaged, or its key is gone."""
    try:
        key = SubjectKey.objects.get(pk=phone.pk)
        wrapped = WrappedKey(key_id=key.key_id, sealed=bytes(key.wrapped))
        data_key = vault.data_key(wrapped, subject=phone.pk)
        value = unseal(bytes(phone.sealed), key=data_key, place=_place(phone)).decode()
    except (SubjectKey.DoesNotExist, VaultError):
        logger.exception("the phone of a member of the desk does not open")
        return Address()
    if phone.kind == Identity.Kind.PHONE:
        return Address(phone=value)
    return Address(user_id=value)


@transaction.atomic
def forget(phones: QuerySet[DeskPhone], *, now: datetime) -> int:
    """Forget phones for ever; return how many. Their keys follow, and no backup brings them back.

    The same way as a subscriber goes (erasure.py): the row, then the key, then the list.
    """
    refs = list(phones.select_for_update().values_list("pk", flat=True))
    Erasure.objects.bulk_create(Erasure(ref=ref, done_at=now) for ref in refs)
    DeskPhone.objects.filter(pk__in=refs).delete()
    return len(refs)


def forget_of_those_who_left(*, now: datetime) -> int:
    """Forget the phones of people who may no longer sign in."""
    return forget(DeskPhone.objects.filter(user__is_active=False), now=now)


def _place(phone: DeskPhone) -> bytes:
    return place("desk_phone", phone.pk, phone.kind)
