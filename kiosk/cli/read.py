"""`kiosk read`: the codes in pictures."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.cli.output import DONE, NEGATIVE, USAGE, add_symbologies, print_json, print_table, printable, say_error

if TYPE_CHECKING:
    from kiosk.vision.codes import Code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a picture: PNG, JPEG, GIF, WebP, BMP or PPM"
    )
    add_symbologies(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a file: file, codes, ms")


def run(options: argparse.Namespace) -> int:
    """Read every file; the exit status is that of the worst."""
    from kiosk.vision.pictures import PictureError, read_file

    worst = DONE
    rows: list[tuple[str, str, str, str]] = []
    for path in options.files:
        try:
            found = read_file(path, symbologies=options.symbologies)
        except PictureError as error:
            worst = USAGE
            if options.json:
                print_json({"file": str(path), "codes": [], "ms": 0, "error": str(error)})
            else:
                say_error(str(error))
            continue
        worst = worst if found.codes else max(worst, NEGATIVE)
        ms = round(found.ms, 2)
        if options.json:
            print_json({"file": str(path), "codes": [_as_json(code) for code in found.codes], "ms": ms})
            continue
        rows += [(str(path), _kind(code), f"{ms:.1f}", printable(code.text)) for code in found.codes]
        if not found.codes:
            rows.append((str(path), "–", f"{ms:.1f}", "there is no code in this picture"))
    if rows:
        print_table(("file", "format", "ms", "text"), rows)
    return worst


def _kind(code: "Code") -> str:
    """Return the symbology and, of a message in several symbols that are not all in the picture, which one it is."""
    return code.symbology if code.part is None else f"{code.symbology} {code.part.index + 1}/{code.part.count}"


def _as_json(code: "Code") -> dict[str, object]:
    said: dict[str, object] = {"text": code.text, "format": code.symbology}
    if code.part is not None:
        said["part"], said["parts"] = code.part.index + 1, code.part.count
    return said
