"""The command line (DESIGN section 10): the composition root. Each command imports what it needs when it runs."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from kiosk import __version__
from kiosk.cli.output import USAGE, CommandError, say_error, take_every_character

_COMMANDS = {
    "demo": "play a morning at the door, all four processes, on this machine",
    "run": "run the gate process of an installed kiosk",
    "doctor": "say what is present and what is missing, each with the next step",
    "read": "read the codes in pictures",
    "verify": "verify the codes in pictures, or a text, against a trust list",
    "revocation": "make lists of withdrawn codes, and look into them",
    "issue": "make keys and signed passes",
    "trust": "import, list and check whom this kiosk trusts",
    "policy": "say what rules and policies are worth",
    "explain": "say why a visitor was let in or refused, and whether it would be the same today",
    "trace": "say who shared place and time with a visit, for the health authority",
    "export": "write the events of some days as files",
    "simulate": "play a day at the door in seconds, with people, sensors and faults",
    "occupancy": "say how many people are inside, or what staff has counted",
    "pin": "give staff PINs for the touchscreen, or take them away",
    "command": "command a kiosk from afar, with a signature, and see what becomes of it",
    "provision": "get this kiosk's certificate from the centre, by one code",
    "bench": "measure speed, memory and reading on this machine",
}
_EXAMPLES = {
    "demo": ("kiosk demo --once --language en", "kiosk demo --camera webcam", "kiosk demo --once --camera pictures/"),
    "run": ("kiosk run --config /etc/kiosk/kiosk.toml",),
    "doctor": ("sudo /opt/kiosk/venv/bin/kiosk doctor", "kiosk doctor --config kiosk.toml --json"),
    "read": ("kiosk read pass.png", "kiosk read --json *.png"),
    "verify": (
        "kiosk verify pass.png --trust trust/",
        "kiosk verify --json --trust list.json --at 2026-01-31T08:00 *.png",
        "kiosk verify - --trust trust/ --policy policy.toml < code.txt",
    ),
    "trust": (
        "kiosk trust import dsc-list.json --from dcc --name health --key dsc-list-signing-key.pem --into trust/",
        "kiosk trust list trust/ --keys",
        "kiosk trust check trust/ && kiosk trust age trust/",
        "kiosk trust make --origin venue --audience '*' --key venue.key.pem --anchors desk.pem --out venue.cose",
    ),
    "revocation": (
        "kiosk revocation build trust/ministry.revoked batches/*.json",
        "kiosk revocation build trust/clinic.revoked KEY.json --issuer https://clinic.example/issuer",
        "kiosk revocation info trust/ministry.revoked",
        "kiosk revocation check trust/ministry.revoked 000102030405060708090a0b0c0d0e0f",
    ),
    "issue": (
        "kiosk issue key --name 'Front desk' --out keys/front-desk",
        "kiosk issue pass --key keys/front-desk.key.pem --subject booking-1 --out pass.png",
        "kiosk issue authority --out keys/authority",
        "kiosk issue pass --key keys/front-desk.key.pem --subject booking-2 --entries 1 --until 2026-01-31T18:00",
    ),
    "policy": (
        "kiosk policy check policy.toml --language vi",
        "kiosk policy test rules/",
        "kiosk policy test --json rules/DE",
    ),
    "explain": (
        "sudo /opt/kiosk/venv/bin/kiosk explain last",
        "kiosk explain 17 --config kiosk.toml --language vi",
        "kiosk explain 17 --state /var/lib/kiosk --json",
    ),
    "trace": (
        "sudo /opt/kiosk/venv/bin/kiosk trace 4711 --why authority --margin 15",
        "kiosk trace 4711 5120 --why authority --out /media/stick --config kiosk.toml",
        "kiosk trace --open trace.json --key keys/authority.secret --json",
    ),
    "export": (
        "sudo /opt/kiosk/venv/bin/kiosk export --into /media/stick",
        "kiosk export --into out --first 2026-01-01 --last 2026-01-31 --config kiosk.toml --json",
    ),
    "simulate": (
        "kiosk simulate --list",
        "kiosk simulate rush --chart rush.png",
        "kiosk simulate --all",
        "kiosk simulate my-door.toml --json",
    ),
    "occupancy": (
        "sudo /opt/kiosk/venv/bin/kiosk occupancy",
        "kiosk occupancy show --config kiosk.toml --json",
        "sudo /opt/kiosk/venv/bin/kiosk occupancy set 41 --why shift_change",
    ),
    "pin": (
        "sudo /opt/kiosk/venv/bin/kiosk pin set --role manager",
        "kiosk pin set --role guard --name night-2 --pin-file pin.txt --config kiosk.toml",
        "kiosk pin list --json",
        "sudo /opt/kiosk/venv/bin/kiosk pin remove --name night-2",
    ),
    "command": (
        "kiosk command key --name control-room-1 --out keys/control-room-1",
        "kiosk command send open --kiosk city/library/gate-1 --key keys/control-room-1.key.pem --host broker.example",
        "kiosk command sign lockdown --kiosk city/library/gate-1 --key keys/control-room-1.key.pem --out lockdown.one",
        "kiosk command countersign lockdown.one --key keys/control-room-2.key.pem --out lockdown.both",
        "kiosk command send --file lockdown.both --host broker.example --ca-file ca.pem",
        "kiosk command push policy policy.toml --audience city/library --key keys/office.key.pem --host broker.example",
        "sudo /opt/kiosk/venv/bin/kiosk command documents",
        "kiosk command watch --kiosk city/library/gate-1 --host broker.example --json",
    ),
    "provision": (
        "sudo /opt/kiosk/venv/bin/kiosk provision code.png",
        "kiosk provision code.txt --config kiosk.toml --into mqtt",
        "kiosk provision --renew",
    ),
    "bench": ("kiosk bench", "kiosk bench path --visits 20 --idle 3 --json", "kiosk bench read --help"),
}
_STATUS = """\
exit status: 0 done, 1 a negative answer, 2 wrong usage or unreadable input,
3 the appliance is at fault; over many files, the worst"""


class _Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, as every other error of the command line."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("epilog", _epilog(str(options.get("prog", ""))))
        super().__init__(formatter_class=_Help, **options)

    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{message}; `{self.prog} --help` shows how")


def _epilog(prog: str) -> str:
    """Return the examples of a command, `kiosk trust`, or of a part of one, `kiosk trust import`."""
    examples = [line for lines in _EXAMPLES.values() for line in lines if f"{prog} " in f"{line} "]
    return "\n".join(["examples:", *(f"  {line}" for line in examples), "", _STATUS])


def _parser(command: str) -> argparse.ArgumentParser:
    parser = _Parser(prog=f"kiosk {command}", description=_COMMANDS[command].capitalize() + ".")
    importlib.import_module(f"kiosk.cli.{command}").add_arguments(parser)
    return parser


def _overview() -> str:
    width = max(map(len, _COMMANDS))
    lines = "\n".join(f"  {name.ljust(width)}  {what}" for name, what in _COMMANDS.items())
    return f"usage: kiosk COMMAND [ARGUMENTS]\n\n{lines}\n\n`kiosk COMMAND --help` shows its arguments.\n\n{_STATUS}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 a negative answer, 2 wrong usage, 3 our fault."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    take_every_character()
    if words[:1] in (["--version"], ["-V"]):
        print(f"kiosk {__version__}")
        return 0
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0 if words else USAGE
    if words[0] not in _COMMANDS:
        say_error(f"there is no command '{words[0][:40]}'; `kiosk --help` lists them")
        return USAGE
    try:
        options = _parser(words[0]).parse_args(words[1:])
        status: int = importlib.import_module(f"kiosk.cli.{words[0]}").run(options)
    except CommandError as error:
        say_error(str(error))
        return error.status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone; nothing more to say, and no complaint about it either
        return 0
    except SystemExit as error:  # argparse: 0 after --help, 2 for wrong usage
        return error.code if isinstance(error.code, int) else USAGE
    return status
