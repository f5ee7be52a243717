"""A desk that has been in use: tables filled by set-based statements, for `pages` and its test.

Number 1 of everything is the newest, so that more rows are an older past. Nobody has a
telephone number: no page shows one.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection

from campaigns.models import MessageTemplate

NEWEST = 100_000_000  # the id of number 0: far above those that the database gives by itself
OFTEN, TEN_YEARS = timedelta(hours=6), timedelta(days=3650)
A_YEAR = timedelta(days=360)  # as long as the log and the access log are kept, nearly
PEOPLE_MOST = 10_000  # more than any utility of a town employs
FEW = 200  # at most, of what grows with an organisation and not with its messages
EACH = 10  # deliveries a broadcast, on the average
AUTHOR, APPROVER = "anna.editor", "adam.approver"

# Of a number: its id, when it was, and what became of a broadcast.
ID = f"({NEWEST} - i)"
AT, LATELY = "(now() - i * %(step)s)", "(now() - i * %(small_step)s)"
STATE = """
    CASE WHEN i %% 20 = 1 AND i < 60 THEN 'sending' WHEN i %% 20 = 2 THEN 'draft'
         WHEN i %% 20 = 3 AND i < 200 THEN 'in_review' WHEN i %% 20 = 4 AND i < 200 THEN 'scheduled'
         WHEN i %% 20 = 5 THEN 'cancelled' ELSE 'done' END
"""
NUMBERS = "generate_series(%(first)s, %(last)s) AS i"
SOME = "generate_series(least(%(first)s, %(few)s + 1), least(%(last)s, %(few)s)) AS i"

EVERYBODY = "generate_series(least(%(first)s, %(people)s + 1), least(%(last)s, %(people)s)) AS i"

PEOPLE = f"""
    INSERT INTO subscribers_subscriber
           (id, state, tier_id, language, notice_id, decided_at, state_since, rest)
    SELECT md5('person ' || i)::uuid, 'active', 'mini', 'de',
           (SELECT min(id) FROM subscribers_notice), {AT}, {AT}, ''
      FROM {EVERYBODY};
    INSERT INTO subscribers_consentevent
           (id, subscriber_id, kind, act, tier, notice_id, notice_sha256, happened_at, recorded_at,
            receipt_code, details, salt, commitment)
    SELECT {ID}, md5('person ' || (1 + i %% least(%(last)s, %(people)s)))::uuid,
           CASE WHEN i %% 9 = 1 THEN 'withdrawn' WHEN i %% 9 = 2 THEN 'access_requested'
                ELSE 'given' END,
           'word', 'mini', n.id, n.sha256, {AT}, {AT}, left(upper(md5('code ' || i)), 9), '{{}}',
           sha256(('salt ' || i)::bytea), sha256(('event ' || i)::bytea)
      FROM {NUMBERS}, (SELECT id, sha256 FROM subscribers_notice ORDER BY id LIMIT 1) AS n;
    INSERT INTO subscribers_accessevent (id, at, user_id, role, what, ref, reason)
    SELECT {ID}, {LATELY}, %(author)s, CASE WHEN i %% 2 = 0 THEN 'Redaktion' ELSE 'Datenschutz' END,
           CASE WHEN i %% 3 = 0 THEN 'register' ELSE 'thread' END, i::text, '' FROM {NUMBERS};
    INSERT INTO subscribers_thread (id, alias, subscriber_id, heard_at, is_waiting)
    SELECT md5('thread ' || i)::uuid, 'Otter ' || i, md5('person ' || i)::uuid,
           now() - interval '13 days' * i / least(greatest(%(last)s, 100), %(people)s),
           i %% 3 = 0 FROM {EVERYBODY};
    INSERT INTO subscribers_threadmessage
           (id, thread_id, direction, text, is_shortened, about, at)
    SELECT 2 * {ID} + turn, md5('thread ' || i)::uuid,
           CASE WHEN turn = 0 THEN 'heard' ELSE 'said' END, 'Guten Morgen!', false, '', now()
      FROM {EVERYBODY}, generate_series(0, 1) AS turn
"""
MESSAGES = f"""
    INSERT INTO campaigns_media
           (id, kind, mime_type, content, size, sha256, width, height, remark, filename, alt,
            uploaded_by_id, created_at, meta_id)
    SELECT {ID}, 'image', 'image/jpeg', decode(md5(i::text), 'hex'), 16,
           md5('a' || i) || md5('b' || i), 800, 419, '', 'weiche.jpg', 'Eine Weiche', %(author)s,
           {AT}, ''
      FROM {NUMBERS};
    INSERT INTO campaigns_message
           (id, category_id, template_id, values, full_text, also_at, revision, media_id,
            created_by_id, created_at, changed_by_id, changed_at)
    SELECT {ID}, c.slug, c.template_id, t.said, '', '', 2, CASE WHEN t.has_image THEN {ID} END,
           %(author)s, {AT}, %(author)s, {AT}
      FROM {NUMBERS}
      JOIN (SELECT slug, template_id, row_number() OVER (ORDER BY slug) - 1 AS place,
                   count(*) OVER () AS n
              FROM campaigns_category WHERE NOT is_archived) AS c
        ON CASE WHEN i %% 20 = 2 THEN c.slug = 'presseschau' ELSE c.place = i %% c.n END
      JOIN jsonb_to_recordset(%(templates)s) AS t(id bigint, said jsonb, has_image boolean)
        ON t.id = c.template_id;
    DELETE FROM campaigns_media AS m  -- as the sweep does
     WHERE NOT EXISTS (SELECT 1 FROM campaigns_message WHERE media_id = m.id);
    INSERT INTO campaigns_messageversion
           (id, message_id, revision, template_id, values, full_text, saved_by_id, saved_at)
    SELECT 2 * m.id + turn, m.id, turn + 1, m.template_id, m.values, '', %(author)s, {AT}
      FROM {NUMBERS} JOIN campaigns_message AS m ON m.id = {ID}, generate_series(0, 1) AS turn;
    INSERT INTO campaigns_pressline (id, message_id, text, link, has_paywall)
    SELECT {ID}, {ID}, 'TA: Neue Straßenbahnen', 'https://example.org/' || i, false FROM {NUMBERS};
    INSERT INTO campaigns_broadcast
           (id, message_id, state, submitted_by_id, submitted_at, approved_by_id, approved_at,
            approved_hash, due_at, expires_at, pause_reason, planned, started_at, closed_at,
            leads_to_people)
    SELECT {ID}, {ID}, state,
           CASE WHEN state <> 'draft' THEN %(author)s END,
           CASE WHEN state <> 'draft' THEN {AT} END,
           CASE WHEN is_approved THEN %(approver)s END, CASE WHEN is_approved THEN {AT} END,
           CASE WHEN is_approved THEN repeat('0', 64) END,
           CASE WHEN state = 'scheduled' THEN now() + i * interval '3 hours'
                WHEN is_approved THEN {AT} END,
           CASE WHEN state = 'scheduled' THEN now() + i * interval '3 hours' + interval '1 day'
                WHEN is_approved THEN {AT} + interval '1 day' END,
           '', CASE WHEN is_started AND i = 1 THEN least(%(last)s, %(people)s)
                    WHEN is_started THEN %(each)s END,
           CASE WHEN is_started THEN {AT} END, CASE WHEN is_closed THEN {AT} END, i < 30
      FROM (SELECT *, state NOT IN ('draft', 'in_review') AS is_approved,
                   state IN ('sending', 'cancelled', 'done') AS is_started,
                   state IN ('cancelled', 'done') AS is_closed
              FROM (SELECT i, {STATE} AS state FROM {NUMBERS}) AS a) AS b;
    INSERT INTO campaigns_broadcastevent (broadcast_id, at, what, actor, note, facts)
    SELECT {ID}, {AT}, what, '', '', '{{}}' FROM {NUMBERS},
           unnest(ARRAY['written', 'submitted', 'approved', 'scheduled', 'started', 'closed'])
           AS what
"""
SENT = f"""
    INSERT INTO campaigns_delivery
           (broadcast_id, subscriber_id, batch_number, state, reason, attempts)
    SELECT {ID}, CASE WHEN i = 1 THEN md5('person ' || n)::uuid END, n / 500, 'delivered', '', 1
      FROM {NUMBERS}, generate_series(
               1, CASE WHEN i = 1 THEN least(%(last)s, %(people)s) ELSE %(each)s END) AS n
     WHERE i %% 20 NOT IN (2, 3, 4) OR i > 200;
    INSERT INTO campaigns_tally (broadcast_id, state, reason, n)
    SELECT b.id, t.state, t.reason, greatest(b.planned - 2, 0) * share + (1 - share)
      FROM {NUMBERS} JOIN campaigns_broadcast AS b ON b.id = {ID} AND b.planned IS NOT NULL,
           (VALUES ('delivered', '', 1), ('failed', 'unreachable', 0), ('skipped', 'withdrawn', 0))
           AS t(state, reason, share);
    INSERT INTO campaigns_batch
           (broadcast_id, number, first_id, last_id, not_before, owner, is_finished, is_held)
    SELECT {NEWEST} - 1, n, n, n, now(), '', true, false
      FROM generate_series(0, least(%(last)s, %(people)s) / 500) AS n ON CONFLICT DO NOTHING;
    INSERT INTO campaigns_charge (broadcast_id, month, purpose, kind, n)
    SELECT b.id, date_trunc('month', {AT})::date, 'utility', 'regular', b.planned
      FROM {NUMBERS} JOIN campaigns_broadcast AS b ON b.id = {ID} AND b.planned IS NOT NULL;
    INSERT INTO campaigns_check (broadcast_id, about, light, fault, at)
    SELECT {ID}, 'words', 'green', '', now() FROM {NUMBERS} WHERE i < 200;
    INSERT INTO campaigns_sample (broadcast_id, at, accepted)
    SELECT {NEWEST} - 1, now() - i * interval '15 seconds', 0 FROM {SOME};
    INSERT INTO django_admin_log
           (id, action_time, user_id, content_type_id, object_id, object_repr, action_flag,
            change_message)
    SELECT {ID}, {LATELY}, %(author)s, (SELECT min(id) FROM django_content_type), i::text,
           'Stelle', 2, 'stopped' FROM {NUMBERS}
"""
AROUND = f"""
    INSERT INTO auth_user
           (id, username, first_name, last_name, email, password, is_staff, is_active,
            is_superuser, date_joined)
    SELECT {NEWEST} + i, 'colleague ' || i, '', '', '', '!', true, true, false, {AT} FROM {SOME};
    INSERT INTO campaigns_series
           (id, category_id, weekdays, at, useful_until, warn_before, zone, starts_on,
            skips_holidays, is_active)
    SELECT {NEWEST} - i, (SELECT min(slug) FROM campaigns_category WHERE NOT is_archived),
           ARRAY[0, 1, 2, 3, 4], '06:30', '10:00', '1 hour', 'Europe/Berlin', '2026-01-05', true,
           true FROM {SOME} WHERE i <= 25;
    INSERT INTO campaigns_slot (series_id, local_date, due_at, useful_until)
    SELECT {NEWEST} - 1, day, day + time '06:30', day + time '10:00'
      FROM {NUMBERS}, LATERAL (SELECT ({AT} + interval '20 days')::date AS day) AS d
        ON CONFLICT DO NOTHING;
    INSERT INTO campaigns_feed (id, name, url, has_paywall, is_active, trouble)
    SELECT {NEWEST} - i, 'Zeitung ' || i, 'https://example.org/' || i, false, true, '' FROM {SOME};
    INSERT INTO campaigns_feeditem (feed_id, title, link, found_at, listed_at)
    SELECT {NEWEST} - 1, 'Neues', 'https://example.org/' || i, {AT}, now() FROM {NUMBERS};
    INSERT INTO campaigns_rate (purpose, valid_from, euros, source)
    SELECT 'utility', date '2020-01-01' - i, 0.05, 'Meta' FROM {SOME};
    INSERT INTO campaigns_budget (valid_from, warn_at, stop_at)
    SELECT date '2020-01-01' - 31 * i, 100, 200 FROM {SOME};
    INSERT INTO subscribers_incident
           (id, known_at, what, began_at, began_by, ended_at, ended_by, conclusion)
    SELECT {NEWEST} - i, {AT}, 'Ein Rechner', {AT}, 'dora', {AT}, 'dora', 'gelöst' FROM {SOME};
    INSERT INTO subscribers_incidentstep (incident_id, at, by, words, sha256)
    SELECT {NEWEST} - i, {AT}, 'dora', 'Geprüft', repeat('0', 64) FROM {SOME};
    INSERT INTO subscribers_processor
           (name, role, duty, country, transfer, terms_name)
    SELECT 'Dienst ' || i, 'processor', 'Rechenzentrum', 'DE', '', '' FROM {SOME};
    INSERT INTO subscribers_monthlyfigure (month, tier_id, shown, taken_at)
    SELECT (date '2026-10-01' - i * interval '1 month')::date, 'mini', 40, now() FROM {SOME};
    INSERT INTO subscribers_ledgercheck (checked_at, size, erased, checkpoints, findings)
    SELECT now() - i * interval '1 day', 1, 0, 1, '[]' FROM {NUMBERS} WHERE i <= 3650;
    INSERT INTO subscribers_deletionreport (day, written_at, overdue)
    SELECT (now() - i * interval '1 day')::date, now(), 0 FROM {SOME}
"""


def fill(rows: int, *, known: int = 0) -> None:
    """Fill the tables up to so many messages and people, and ten times as many deliveries.

    `known` is up to where an earlier call has filled them.
    """
    author, approver = _user(AUTHOR, "Redaktion"), _user(APPROVER, "Freigabe")
    facts: dict[str, Any] = {
        "first": known + 1,
        "last": rows,
        "few": FEW,
        "people": PEOPLE_MOST,
        "each": EACH,
        "step": min(OFTEN, TEN_YEARS / rows),
        "small_step": min(OFTEN, A_YEAR / rows),
        "author": author.pk,
        "approver": approver.pk,
        "templates": json.dumps(list(_examples())),
    }
    with connection.cursor() as cursor:
        for statements in (PEOPLE, MESSAGES, SENT, AROUND):
            for statement in statements.split(";\n"):
                cursor.execute(statement, facts)


def _user(name: str, group: str) -> User:
    user, _is_new = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    user.groups.add(Group.objects.get(name=group))
    return user


def _examples() -> Iterator[dict[str, object]]:
    for template in MessageTemplate.objects.all():
        yield {
            "id": template.pk,
            "said": {value["name"]: value["example"] for value in template.values},
            "has_image": template.header == "image",
        }
