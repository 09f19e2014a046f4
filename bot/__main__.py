"""The command line: `python -m bot up | serve | staff | talk`."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import logging
import secrets
import sys
import time
from collections.abc import Sequence

from pydantic import ValidationError

from bot.knowledge.steps import BadKnowledge
from bot.serve import PARTS, PortTaken, RasaAddressMissing, serving, until_stopped
from bot.services.staff import EmailTaken, PasswordTooShort
from bot.settings import Settings
from bot.supervisor import RasaDied, RasaMissing, RasaProcess, free_port
from bot.wiring import Wiring, wired

DEMONSTRATION_EMAIL = "equipe@passerelle.example"
DEMONSTRATION_NAME = "Camille"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code. What a person must do is said in one sentence on stderr."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # These log what people write, or the bot's token in addresses.
    for name in ("aiosqlite", "httpx", "sqlalchemy.engine"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        code: int = asyncio.run(options.run(Settings(), options))
        return code
    except ValidationError as refused:
        for problem in refused.errors():
            name = "_".join(str(part) for part in problem["loc"]) or "settings"
            _complain(f"Setting {name}: {problem['msg']}. Change it in the environment or in .env.")
    except PortTaken as taken:
        _complain(
            f"Port {taken.port} is used by another program. Stop that program, or choose another port: "
            f"PASSERELLE_PORT={taken.port + 1} make run"
        )
    except RasaMissing as absent:
        _complain(f"{absent.missing} is missing. Run: make run (it installs and trains what is missing).")
    except RasaDied as died:
        _complain(f"Rasa stops right after it starts. The reason is at the end of {died.log}.")
    except RasaAddressMissing:
        _complain("The gateway does not know where Rasa is. Set PASSERELLE_RASA_URL, or run: python -m bot up")
    except BadKnowledge as bad:
        _complain(f"Knowledge refused: {bad}.")
    return 1


def _complain(sentence: str) -> None:
    print(f"passerelle: {sentence}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot")
    parser.add_argument("--verbose", action="store_true", help="log events, not only what needs a look")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("up", help="the app and Rasa, on one machine").set_defaults(run=_up)
    serve = commands.add_parser("serve", help="the app alone, or one part of it")
    serve.add_argument("part", nargs="?", choices=PARTS)
    serve.set_defaults(run=_serve)
    staff = commands.add_parser("staff", help="accounts of the console")
    staff.add_argument("what", choices=("add", "reset", "disable"))
    staff.add_argument("email")
    staff.add_argument("--name", default="", help="shown to people; needed to add")
    staff.set_defaults(run=_staff)
    talk = commands.add_parser("talk", help="the assistant in this terminal")
    talk.add_argument("--url", default=None, help="default: the public port of the settings")
    talk.add_argument("--language", default="fr")
    talk.set_defaults(run=_talk)
    return parser


async def _up(settings: Settings, options: argparse.Namespace) -> int:
    rasa = RasaProcess(settings, free_port(), actions_port := free_port())
    running = asyncio.create_task(rasa.run())
    began = time.monotonic()
    try:
        async with serving(settings, PARTS, rasa_url=rasa.url, actions_port=actions_port) as wiring:
            print("Starting Rasa…", flush=True)
            ready = asyncio.create_task(rasa.ready())
            stopped = asyncio.create_task(until_stopped())
            await asyncio.wait({ready, running, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done() and not ready.exception():
                await _show_addresses(wiring, time.monotonic() - began)
                await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            for task in (ready, stopped):
                task.cancel()
            if ready.done() and not ready.cancelled() and ready.exception():
                raise RasaDied(rasa.log)
            print("Stopping…", flush=True)
    finally:
        await rasa.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return 0


async def _show_addresses(wiring: Wiring, seconds: float) -> None:
    address = f"http://localhost:{wiring.settings.port}"
    print(f"\nReady in {seconds:.1f} s.\n\n  Widget    {address}/\n  Console   {address}/staff")
    if wiring.settings.telegram_bot_token is not None:
        print("  Telegram  connected with the bot of TELEGRAM_BOT_TOKEN")
    if wiring.settings.demonstration and not await wiring.services.staff.exist():
        password = secrets.token_urlsafe(12)
        await wiring.services.staff.add(DEMONSTRATION_EMAIL, DEMONSTRATION_NAME, password)
        print(
            f"\n  Staff sign-in, made for this machine and shown this once:\n"
            f"  {DEMONSTRATION_EMAIL}  {password}\n"
            f"  (another password: .venv/bin/python -m bot staff reset {DEMONSTRATION_EMAIL})"
        )
    print("\nCtrl-C stops everything.", flush=True)


async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    parts = (options.part,) if options.part else PARTS
    async with serving(settings, parts, rasa_url=settings.rasa_url):
        print(f"Serving {', '.join(parts)}.", flush=True)
        await until_stopped()
    return 0


async def _staff(settings: Settings, options: argparse.Namespace) -> int:
    async with wired(settings) as wiring:
        staff = wiring.services.staff
        if options.what == "disable":
            done = await staff.disable(options.email)
        else:
            password = getpass.getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
            try:
                if options.what == "add":
                    await staff.add(options.email, options.name or options.email.partition("@")[0], password)
                    done = True
                else:
                    done = await staff.reset(options.email, password)
            except PasswordTooShort as short:
                _complain(f"A password needs {short.minimum} characters or more.")
                return 1
            except EmailTaken:
                _complain(f"{options.email} has an account already; to change its password: staff reset.")
                return 1
    if not done:
        _complain(f"No account has the e-mail {options.email}.")
        return 1
    print("Done.")
    return 0


async def _talk(settings: Settings, options: argparse.Namespace) -> int:
    from bot.talk import talk

    return await talk(options.url or f"http://localhost:{settings.port}", options.language)


if __name__ == "__main__":
    sys.exit(main())
