"""`kiosk policy`: what is said about rules and policies, each part in a module of its own."""

import argparse
import importlib

_PARTS = {
    "check": "say in words what a venue's policy admits, and warn of what is dangerous or can never happen",
    "test": "run the tests that come with country rules and with the CertLogic specification",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of every part."""
    what = parser.add_subparsers(dest="what", required=True, metavar="|".join(_PARTS), title="what to do")
    for name, help_text in _PARTS.items():
        part = what.add_parser(name, help=help_text, description=help_text.capitalize() + ".")
        importlib.import_module(f"kiosk.cli.policy_{name}").add_arguments(part)


def run(options: argparse.Namespace) -> int:
    """Run the part that was named."""
    status: int = importlib.import_module(f"kiosk.cli.policy_{options.what}").run(options)
    return status
