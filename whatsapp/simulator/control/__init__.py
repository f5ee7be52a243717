"""The control API, `/control/...`: how tests and demonstrations rule the simulated world.

Bodies and answers are JSON objects; times are seconds since 1970, durations are
seconds, phone numbers are `+E.164`. A mistake is answered with 400 and
`{"error": {"field": "people[2].phone", "problem": "is missing"}}`.

    GET, POST   people                 everybody (?chat=true); {"people": [{"name", "phone", ...}]}
    GET, PATCH  people/WHO             with the chat; WHO is an id, a number or a user id
    POST        people/WHO/say         {"text"}
    POST        people/WHO/tap         {"button"}: its title or id
    POST        people/WHO/script      {"steps": [{"say": ...}, {"tap": ...}, {"wait": ...}]}
    POST        people/WHO/read        opens the chat
    POST        people/WHO/media       the bytes of a file, ?caption=&filename=
    GET, PATCH  settings               see whatsapp.simulator.settings; limits are settings too
    GET, POST, DELETE  faults          see whatsapp.simulator.faults
    DELETE      faults/ID
    GET         templates
    PATCH       templates/ID           {"status", "reason", "category", "quality"}; or by name
    POST        notices                {"field", "value"}: any webhook about the account
    GET         ledger                 what Meta accepted, ?person=&template=&token=&type=&after=
    GET         ledger/counts          the same, counted by token, number and template
    GET         webhook                address, whether it proved itself, what is under way
    POST        webhook/pause, webhook/resume
    POST        webhook/subscribe      {"url"}: must answer the challenge
    GET         webhook/posts          finished POSTs, ?last=
    POST        webhook/replay         {"posts": [ids]} or {"last": number}; {} is all
    GET         stats                  what happened how often, and what is still open
    POST        wait-until-idle        {"timeout_seconds", "quiet_seconds", "ignored"}
    POST        reset                  forget everything
"""

from aiohttp import web

from whatsapp.simulator.control import people, records, webhook, world
from whatsapp.simulator.control.orders import Handler, answering, nothing_there
from whatsapp.simulator.platform import Platform

WHO = "/people/{who}"

ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/people", people.list_all),
    ("POST", "/people", people.create),
    ("GET", WHO, people.show),
    ("PATCH", WHO, people.change),
    ("POST", f"{WHO}/say", people.say),
    ("POST", f"{WHO}/tap", people.tap),
    ("POST", f"{WHO}/script", people.extend_script),
    ("POST", f"{WHO}/read", people.read_chat),
    ("POST", f"{WHO}/media", people.send_file),
    ("GET", "/settings", world.show_settings),
    ("PATCH", "/settings", world.change_settings),
    ("GET", "/faults", world.list_faults),
    ("POST", "/faults", world.add_fault),
    ("DELETE", "/faults", world.clear_faults),
    ("DELETE", "/faults/{fault_id}", world.remove_fault),
    ("GET", "/stats", world.stats),
    ("POST", "/wait-until-idle", world.wait_until_idle),
    ("POST", "/reset", world.reset),
    ("GET", "/templates", records.list_templates),
    ("PATCH", "/templates/{template}", records.change_template),
    ("GET", "/ledger", records.ledger),
    ("GET", "/ledger/counts", records.count_ledger),
    ("POST", "/notices", webhook.notify),
    ("GET", "/webhook", webhook.show),
    ("POST", "/webhook/pause", webhook.pause),
    ("POST", "/webhook/resume", webhook.resume),
    ("POST", "/webhook/subscribe", webhook.subscribe),
    ("GET", "/webhook/posts", webhook.list_posts),
    ("POST", "/webhook/replay", webhook.replay),
]


def routes(platform: Platform) -> list[web.RouteDef]:
    """Return everything under `/control/`, to be added to the simulator's router."""
    found = [
        web.route(method, f"/control{path}", answering(handler, platform=platform))
        for method, path, handler in ROUTES
    ]
    return [
        *found,
        web.route("*", "/control/{rest:.*}", answering(nothing_there, platform=platform)),
    ]
