"""`python -m whatsapp.simulator`: a stand-in for Meta's Cloud API on this machine."""

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from whatsapp.simulator.account import Account
from whatsapp.simulator.app import LOOPBACK, serving
from whatsapp.simulator.clock import Clock
from whatsapp.simulator.journal import JournalDamagedError
from whatsapp.simulator.knobs import WrongValueError
from whatsapp.simulator.platform import Platform
from whatsapp.simulator.settings import Settings

DESCRIPTION = """\
A stand-in for Meta's WhatsApp Cloud API: it takes messages, shows them on
simulated phones, and reports what becomes of them by signed webhooks.
"""
ENVIRONMENT = """\
environment (the same variables that the tested system reads):
  WHATSAPP_ACCESS_TOKEN         who may send
  WHATSAPP_APP_SECRET           signs the webhooks; of several, separated by
                                commas, the first does
  WHATSAPP_VERIFY_TOKEN         shown to the webhook before anything is sent there
  WHATSAPP_PHONE_NUMBER_ID      default 106600000000001
  WHATSAPP_BUSINESS_ACCOUNT_ID  default 102200000000001

Whoever reaches the port rules the simulated world: people, messages, faults. It
therefore listens on the loopback only, unless --host and --name say otherwise.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C; return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.host not in LOOPBACK and not options.name:
        parser.error(f"--host {options.host} is more than this machine: say --name as well")
    try:
        platform = _platform(options)
        asyncio.run(_live(platform, options))
    except WrongValueError as error:
        parser.error(str(error))
    except JournalDamagedError as error:
        return _fail(f"{error}: this is no data of the simulator, or it is damaged")
    except OSError as error:
        return _fail(f"cannot start: {error}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m whatsapp.simulator",
        description=DESCRIPTION,
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="0 is a free one (%(default)s)")
    parser.add_argument(
        "--name", action="append", default=[], help="host name to answer to besides localhost"
    )
    parser.add_argument("--webhook-url", metavar="URL", help="where to report to; none: nowhere")
    parser.add_argument("--data", metavar="FILE", type=Path, help="remember everything in FILE")
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="turn a knob of whatsapp.simulator.settings, e.g. --set human_delay_scale=0.2",
    )
    return parser


def _platform(options: argparse.Namespace) -> Platform:
    knobs = {"webhook_url": options.webhook_url} | dict(map(_knob, options.set))
    return Platform(
        account=Account.from_environment(os.environ),
        settings=Settings().changed(knobs),
        data=options.data,
        clock=Clock(),
    )


def _knob(argument: str) -> tuple[str, object]:
    """Read `name=value`, the value in JSON or else as a word. Raises WrongValueError."""
    name, equals, value = argument.partition("=")
    if not equals:
        raise WrongValueError("expected NAME=VALUE", field=f"--set {argument}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


async def _live(platform: Platform, options: argparse.Namespace) -> None:
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, enough.set)
    async with serving(platform, host=options.host, port=options.port, names=options.name) as url:
        sys.stdout.write(f"Simulated phones: {url}/phone/\n")
        sys.stdout.flush()
        await enough.wait()


def _fail(problem: str) -> int:
    sys.stderr.write(f"whatsapp.simulator: {problem}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
