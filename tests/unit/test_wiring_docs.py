"""The pages on wiring: drawings that are up to date, readable and shown, lines that agree, settings that are taken."""

import re
import shutil
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from kiosk.board_file import Board, load_board
from kiosk.domain.door_io import DoorKind
from kiosk.domain.lines import Sense
from kiosk.door_section import DoorSection

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "wiring-drawings"
DRAWINGS = sorted((ROOT / "docs" / "images" / "wiring").glob("*.svg"))
GATE, DOORS = (ROOT / "docs" / "wire-the-gate.md").read_text(), (ROOT / "docs" / "wiring" / "doors.md").read_text()
SVG = "{http://www.w3.org/2000/svg}"
DOOR_TABLES = re.findall(r"^```toml\n(.+?)^```", DOORS, re.DOTALL | re.MULTILINE)
each_drawing = pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)


def check(script: Path) -> tuple[int, str]:
    """Return exit status and output of `scripts/wiring-drawings --check`."""
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_drawings_are_up_to_date() -> None:
    assert check(SCRIPT) == (0, "")


def test_a_stale_drawing_and_one_too_many_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    folder = tmp_path / "docs" / "images" / "wiring"
    script = Path(shutil.copy(SCRIPT, tmp_path / "scripts"))
    shutil.copytree(ROOT / "docs" / "images" / "wiring", folder)
    assert check(script) == (0, "")
    (folder / "lane.svg").write_text("<svg/>")
    (folder / "moat.svg").write_text("<svg/>")
    assert check(script) == (1, "lane.svg, moat.svg: run .venv/bin/python scripts/wiring-drawings\n")


@each_drawing
def test_a_drawing_says_what_it_is_on_white_and_needs_nothing_else(path: Path) -> None:
    root = ET.fromstring(path.read_text())  # noqa: S314 - our own file
    first = [child.tag.removeprefix(SVG) for child in root][:3]
    assert first == ["title", "desc", "rect"]
    assert all(root.findtext(f"{SVG}{name}") for name in ("title", "desc"))
    assert root[2].get("fill") == "#ffffff"
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "desc", "rect", "text", "polyline", "polygon", "circle"
    }  # fmt: skip
    assert not [name for one in root.iter() for name in one.attrib if "href" in name or name.startswith("on")]


def spans(root: ET.Element) -> list[tuple[float, float, float, float, str]]:
    """Return left, top, right, bottom of every text, its width as wide letters have it, and the words."""
    found = []
    for one in root.iter(f"{SVG}text"):
        words = one.text or ""
        x, y, size = (float(one.get(name, 0)) for name in ("x", "y", "font-size"))
        width = len(words) * size * (0.62 if one.get("font-weight") else 0.56)
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[one.get("text-anchor", "start")]
        found.append((left, y - 0.75 * size, left + width, y, words))
    return found


@each_drawing
def test_its_words_are_large_enough_inside_the_picture_and_apart(path: Path) -> None:
    root = ET.fromstring(path.read_text())  # noqa: S314 - our own file
    assert min(float(one.get("font-size", 0)) for one in root.iter(f"{SVG}text")) >= 13
    _, _, width, height = map(float, root.get("viewBox", "").split())
    placed = spans(root)
    for left, top, right, bottom, words in placed:
        assert 0 <= left <= right <= width, words
        assert 0 <= top <= bottom <= height, words
    for place, one in enumerate(placed):
        for other in placed[place + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one[4], other[4])


@each_drawing
def test_a_page_shows_it(path: Path) -> None:
    assert f"images/wiring/{path.name})" in GATE + DOORS


@each_drawing
def test_its_lines_are_those_of_the_table(path: Path) -> None:
    table = {name: f"BCM {bcm} · pin {pin}" for name, bcm, pin in LINES}
    words = [one.text or "" for one in ET.fromstring(path.read_text()).iter(f"{SVG}text")]  # noqa: S314 - our own file
    drawn = {name: where for name, where in pairwise(words) if where.startswith("BCM ")}
    assert drawn == {name: table[name] for name in drawn}
    assert bool(drawn) == (path.stem != "remote-relay")


LINES = re.findall(r"^\| `(\w+)`[^|]*\| (\d+) \| (\d+) \|", GATE.partition("## The relay")[0], re.MULTILINE)
ACTS = re.findall(r"^\| `(\w+)`[^|]*\| \d+ \| \d+ \| (?:open|closed)[^|]*\| (open|close)", GATE, re.MULTILINE)
HEADER = {
    17: 11, 27: 13, 22: 15, 23: 16, 24: 18, 25: 22, 5: 29, 6: 31, 12: 32, 13: 33, 19: 35, 16: 36, 26: 37, 20: 38, 21: 40
}  # fmt: skip
"""The header's pin of a BCM number, by the Raspberry Pi's documentation."""


def test_an_input_acts_at_the_level_that_the_kiosk_takes_for_active() -> None:
    """An open circuit is pulled up: what acts when it is open is active high."""
    pins = {sense.value: {"pin": pin} for pin, sense in enumerate(Sense, 1)}
    board = Board.model_validate({"name": "x", "relay": {"pin": 0}, **pins})
    assert {name: acts == "open" for name, acts in ACTS} == {one.value: board.active_high(one) for one in Sense}


def test_no_line_that_releases_ends_in_a_case_outside() -> None:
    board = load_board(ROOT / "firmware_config" / "boards" / "pi-remote-relay.toml")
    assert not {Sense.EXIT_BUTTON, Sense.FIRE_NC, Sense.FIRE_NO} & set(board.inputs)


def test_a_line_is_at_the_pin_that_its_number_has_and_only_doors_that_exclude_each_other_share_one() -> None:
    assert len(LINES) == 17
    assert all(HEADER[int(bcm)] == int(pin) for _, bcm, pin in LINES)
    at: dict[str, list[str]] = {}
    for name, bcm, _ in LINES:
        at.setdefault(bcm, []).append(name)
    shared = [names for names in at.values() if len(names) > 1]
    assert shared == [["exit_relay", "inner_relay"], ["inner_contact", "beam"]]


@pytest.mark.parametrize("text", DOOR_TABLES)
def test_the_settings_of_a_door_are_taken_as_an_escape_route(text: str) -> None:
    door = DoorSection(**tomllib.loads(text)["door"])
    assert door.escape_route


def test_every_kind_of_door_is_there() -> None:
    assert {tomllib.loads(text)["door"]["kind"] for text in DOOR_TABLES} == {kind.value for kind in DoorKind}


def test_every_door_has_drawing_table_settings_and_a_list_to_test_it() -> None:
    doors = re.split(r"^## ", DOORS, flags=re.MULTILINE)[1:]
    assert len(doors) == 7
    for door in doors:
        assert "](../images/wiring/" in door, door
        assert "| part | goes to |" in door, door
        assert "[door]" in door, door
        assert re.search(r"^3\. ", door, re.MULTILINE), door
