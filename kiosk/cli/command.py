"""`kiosk command`: keys of operators, signed commands, and what kiosks answer (docs/commands.md).

Only this command speaks to a broker; the gate process never loads any of it.
"""

import argparse

from kiosk.cli import command_documents, command_key, command_push, command_send, command_sign

_WHAT = {
    "key": ("make the key pair of somebody who may command kiosks", command_key.add_arguments, command_key.run),
    "sign": ("sign a command into a file", command_sign.add_sign, command_sign.sign),
    "countersign": ("sign what somebody else has signed", command_sign.add_countersign, command_sign.countersign),
    "send": ("sign a command, send it, and wait for its end", command_send.add_send, command_send.send),
    "push": ("check a document, sign it, leave it for kiosks, and wait for their answers",
             command_push.add_arguments, command_push.run),
    "documents": ("show what this kiosk keeps of the centre's documents, and what is in force",
                  command_documents.add_arguments, command_documents.run),
    "watch": ("show results as they come", command_send.add_watch, command_send.watch),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    what = parser.add_subparsers(dest="what", required=True, metavar="|".join(_WHAT), title="what to do")
    for name, (words, add, _) in _WHAT.items():
        add(what.add_parser(name, help=words, description=f"{words.capitalize()}."))


def run(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    return _WHAT[options.what][2](options)
