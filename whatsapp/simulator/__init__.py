"""A stand-in for Meta's Cloud API, with people who read, write and tap.

It shares no code with the client that talks to it: what it demands and sends comes
from Meta's documentation, so that a misunderstanding cannot hide on both sides.

As a program, for demonstrations and training (`--help` says more):

    python -m whatsapp.simulator --webhook-url http://127.0.0.1:8000/webhooks/whatsapp/

Inside a test, on a free port, ruled through `whatsapp.simulator.control`:

    with Simulator(webhook_url=url, app_secret=secret, settings={"seed": 7}) as simulator:
        simulator.control.add_person("Kim", "+4915100000001", script=[{"say": "START"}])
        simulator.control.wait_until_idle()

From another process, `Control(url)` alone. A phone to look at is at `/phone/`. All chance
comes from the setting `seed`; `whatsapp.simulator.settings` and `.faults` list the weather.
"""

from whatsapp.simulator.control.client import Control, ControlError
from whatsapp.simulator.embedded import Simulator

__all__ = ["Control", "ControlError", "Simulator"]
