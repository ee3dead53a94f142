"""The appliance's files fit each other, the settings' code and the documentation."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from kiosk.board_file import Board, load_board
from kiosk.config import KioskConfig, load_config
from kiosk.domain.door_io import DoorKind
from kiosk.domain.lines import Out, Sense
from kiosk.door_setup import door_setup
from kiosk.policy_file import PolicyFile, load_policy

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware_config"
BOOT_FILES = {
    "config.txt": "dtparam=audio=on\n[cm4]\notg_mode=1\n",
    "cmdline.txt": "console=tty1 root=PARTUUID=1-02 rootwait\n",
}


def settings_lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def test_the_boot_level_is_the_locked_level_of_the_boards_relay() -> None:
    relay = load_board(FIRMWARE / "boards" / "pi-relay.toml").relay
    level = "dl" if relay.active_high else "dh"
    gpio = [line for line in settings_lines(FIRMWARE / "boot" / "config.txt.part") if line.startswith("gpio=")]
    assert gpio == [f"gpio={relay.pin}=op,{level}"]


def test_no_output_stays_driven_after_its_owner_has_gone() -> None:
    assert "dtparam=strict_gpiod" in settings_lines(FIRMWARE / "boot" / "config.txt.part")
    assert settings_lines(FIRMWARE / "boot" / "cmdline.txt.part") == [
        "pinctrl-rp1.persist_gpio_outputs=0",
        "pinctrl-bcm2835.persist_gpio_outputs=0",
    ]


@pytest.mark.parametrize("name", ["pi-relay.toml", "demo.toml"])
def test_board_files_load(name: str) -> None:
    board = load_board(FIRMWARE / "boards" / name)
    assert board.relay.max_pulse_ms <= 10_000


def test_the_example_settings_load(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    shutil.copy(FIRMWARE / "kiosk.toml.example", path)
    config = load_config(path)
    assert config.gate.board == tmp_path / "board.toml"
    assert config.gate.pins == "lgpio"
    assert config.mqtt is None
    assert config.scanner == ()

    text = path.read_text()
    assert config.door.windows == ()
    assert door_setup(config, frozenset({"relay"})).kind is DoorKind.MAGNETIC_LOCK
    before, _, window = text.partition("#[[door.hold_open]]")
    path.write_text(before + "[[door.hold_open]]" + window.replace("\n#", "\n", 2))
    assert [window.weekdays for window in load_config(path).door.windows] == [frozenset(range(5))]
    before, _, scanner = text.partition("#[[scanner]]")
    path.write_text(before + "[[scanner]]" + scanner.replace("\n#", "\n", 3))
    assert [(each.name, each.kind) for each in load_config(path).scanner] == [("desk", "serial")]
    head, _, mqtt = text.partition("#[mqtt]")
    path.write_text(head + "[mqtt]" + re.sub(r"\n#(?! )", "\n", mqtt))
    assert load_config(path).mqtt is not None


def test_the_example_policy_admits_and_the_first_one_denies() -> None:
    assert [rule.name for rule in load_policy(FIRMWARE / "policy.toml.example").admit] == [
        "vaccinated",
        "tested",
        "recovered",
        "invited",
    ]
    assert load_policy(FIRMWARE / "policy.toml.closed").admit == ()


def keys_of(model: type[BaseModel], section: str = "") -> dict[tuple[str, str], Any]:
    """Return the default of every setting by section and key, sections as they stand in TOML."""
    found: dict[tuple[str, str], Any] = {}
    for name, field in model.model_fields.items():
        inner = [
            part
            for outer in (field.annotation, *getattr(field.annotation, "__args__", ()))
            for part in (outer, *getattr(outer, "__args__", ()))
            if isinstance(part, type) and issubclass(part, BaseModel)
        ]
        if inner:
            found |= keys_of(inner[0], name)
        else:
            default = field.default
            found[section, field.alias or name] = str(default) if isinstance(default, Path) else default
    return found


def documented(page: str, document: str) -> dict[tuple[str, str], str]:
    """Return the default as written in the tables of one chapter, by section and key."""
    text = (ROOT / "docs" / document).read_text()
    chapter = text.split(f"## `{page}`", 1)[1].split("\n## ", 1)[0]
    found, section = {}, ""
    for line in chapter.splitlines():
        if line.startswith("### "):
            section = line.strip("#`[] ").rpartition(".")[2]
        elif row := re.match(r"\| `(\w+)` \| ([^|]+) \|", line):
            found[section, row[1]] = row[2]
    return found


@pytest.mark.parametrize(
    ("model", "page", "document"),
    [
        (KioskConfig, "kiosk.toml", "configure.md"),
        (PolicyFile, "policy.toml", "policy.md"),
    ],
)
def test_the_pages_have_every_key_and_its_default(model: type[BaseModel], page: str, document: str) -> None:
    keys, table = keys_of(model), documented(page, document)
    assert sorted(table) == sorted(keys)
    for key, default in keys.items():
        written = table[key]
        if written.startswith("`"):
            value = tomllib.loads(f"x = {written.strip('`')}")["x"]
            assert (tuple(value) if isinstance(value, list) else value) == default, key
        else:
            assert default in (None, (), PydanticUndefined), key


def test_the_page_of_boards_has_every_kind_of_line_with_its_keys_and_defaults() -> None:
    kinds = ("", "relay", "lamp_green", "contact", "modbus")
    keys = {key: default for key, default in keys_of(Board).items() if key[0] in kinds}
    table = documented("board.toml", "boards.md")
    assert sorted(table) == sorted(keys)
    for key, default in keys.items():
        written = table[key].strip("`")
        assert (tomllib.loads(f"x = {written}")["x"] if table[key].startswith("`") else None) == (
            None if default is PydanticUndefined else default
        ), key


@pytest.mark.parametrize("line", [*Out, *Sense])
def test_the_page_of_boards_names_every_line(line: Out | Sense) -> None:
    assert f"| `{line}` |" in (ROOT / "docs" / "boards.md").read_text()


# ---- relay-off -----------------------------------------------------------------------------------


def relay_off(tmp_path: Path, board: str, version: str, chips: str = "") -> tuple[int, str]:
    """Run the script with recording stand-ins for gpioset and gpiodetect; return status and what gpioset got."""
    tools, record = tmp_path / "bin", tmp_path / "record"
    tools.mkdir()
    (tools / "gpiodetect").write_text(f"#!/bin/sh\nprintf '{chips}'\n")
    (tools / "gpioset").write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then echo "{version}"; else echo "$@" >>"{record}"; fi\n'
    )
    for tool in tools.iterdir():
        tool.chmod(0o755)
    (tmp_path / "board.toml").write_text(board)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
    run = subprocess.run(
        [FIRMWARE / "relay-off", tmp_path / "board.toml"], env=environment, capture_output=True, check=False
    )
    return run.returncode, record.read_text().strip() if record.exists() else ""


BOARD = 'name = "x"\n[relay]\npin = 22 # the relay\nactive_high=true\n[red_lamp]\npin = 5\nactive_high = false\n'


def test_relay_off_speaks_to_gpioset_1(tmp_path: Path) -> None:
    chips = "gpiochip0 [pinctrl-bcm2711] (58 lines)\\ngpiochip1 [raspberrypi-exp-gpio] (8 lines)\\n"
    assert relay_off(tmp_path, BOARD, "gpioset (libgpiod) v1.6.3", chips) == (0, "--mode=exit gpiochip0 22=0")


def test_relay_off_speaks_to_gpioset_2_and_finds_the_headers_chip(tmp_path: Path) -> None:
    chips = "gpiochip0 [gpio-brcmstb] (4 lines)\\ngpiochip4 [pinctrl-rp1] (54 lines)\\n"
    board = BOARD.replace("active_high=true", "active_high = false")
    assert relay_off(tmp_path, board, "gpioset (libgpiod) v2.2.1", chips) == (0, "--chip gpiochip4 --toggle 0 22=1")


def test_relay_off_takes_the_first_chip_where_it_knows_none(tmp_path: Path) -> None:
    assert relay_off(tmp_path, BOARD, "gpioset (libgpiod) v2.1") == (0, "--chip gpiochip0 --toggle 0 22=0")


def test_relay_off_drops_every_relay_and_nothing_else(tmp_path: Path) -> None:
    board = BOARD + "[exit_relay]\npin = 27\nactive_high = false\n[contact]\npin = 6\n"
    assert relay_off(tmp_path, board, "gpioset (libgpiod) v2.1") == (0, "--chip gpiochip0 --toggle 0 22=0 27=1")


def test_relay_off_leaves_the_relays_of_another_board_alone(tmp_path: Path) -> None:
    board = "[modbus]\nhost = 'h'\n[relay]\ncoil = 0\n"
    assert relay_off(tmp_path, board, "gpioset (libgpiod) v2.1") == (0, "")


def test_relay_off_without_a_pin_touches_nothing(tmp_path: Path) -> None:
    assert relay_off(tmp_path, "[relay]\n", "gpioset (libgpiod) v2.1") == (3, "")


# ---- scripts/install -----------------------------------------------------------------------------


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder like the root of a Pi's card."""
    boot = tmp_path / "boot" / "firmware"
    boot.mkdir(parents=True)
    for name, text in BOOT_FILES.items():
        (boot / name).write_text(text)
    return tmp_path


def install(*arguments: str | Path) -> str:
    run = subprocess.run(
        [ROOT / "scripts" / "install", *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def snapshot(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_relative_to(folder / "opt")
    }


def test_install_into_a_folder(image: Path) -> None:
    install("--root", image)
    assert (image / "opt/kiosk/kiosk/config.py").is_file()
    assert os.access(image / "opt/kiosk/firmware_config/relay-off", os.X_OK)
    assert not (image / "opt/kiosk/.git").exists()
    assert not (image / "opt/kiosk/.venv").exists()
    assert (image / "opt/kiosk/venv").readlink() == Path(".venv")
    for unit in (ROOT / "systemd").iterdir():
        assert (image / "etc/systemd/system" / unit.name).read_text() == unit.read_text()

    config = load_config(image / "etc/kiosk/kiosk.toml")
    assert load_board(config.gate.board).relay.pin == 17
    assert load_policy(config.paths.policy).admit == ()
    assert config.paths.trust.is_dir()

    boot = image / "boot/firmware"
    lines = (boot / "config.txt").read_text().splitlines()
    assert lines[:3] == ["dtparam=audio=on", "[cm4]", "otg_mode=1"]
    assert lines.index("[all]") < lines.index("gpio=17=op,dl")
    assert (boot / "cmdline.txt").read_text() == (
        "console=tty1 root=PARTUUID=1-02 rootwait"
        " pinctrl-rp1.persist_gpio_outputs=0 pinctrl-bcm2835.persist_gpio_outputs=0\n"
    )
    for name, text in BOOT_FILES.items():
        assert (boot / f"{name}.before-kiosk").read_text() == text


def test_installing_again_changes_nothing_and_keeps_what_the_venue_wrote(image: Path) -> None:
    install("--root", image)
    settings = image / "etc/kiosk/kiosk.toml"
    settings.write_text(settings.read_text().replace("gate-1", "north-door"))
    stale = image / "opt/kiosk/kiosk/gone.py"
    stale.write_text("")
    before = snapshot(image)
    assert "left as it is" in install("--root", image)
    assert snapshot(image) == before
    assert not stale.exists()


def test_the_boot_level_follows_the_venues_board_file(image: Path) -> None:
    install("--root", image)
    (image / "etc/kiosk/board.toml").write_text('name = "ours"\n[relay]\npin=27\nactive_high=false # inverted\n')
    install("--root", image)
    lines = (image / "boot/firmware/config.txt").read_text().splitlines()
    assert [line for line in lines if line.startswith("gpio=")] == ["gpio=27=op,dh"]


def test_each_scanner_of_the_settings_gets_a_rule_and_nothing_else_does(image: Path) -> None:
    install("--root", image)
    rules = image / "etc/udev/rules.d/71-kiosk-scanner.rules"
    assert not rules.exists()

    settings = image / "etc/kiosk/kiosk.toml"
    before = settings.read_text()
    settings.write_text(
        before
        + """
[[scanner]]
name = "desk"
kind = "serial"  # device = "/dev/not-this"
device = "/dev/serial/by-id/usb-Honeywell*"   # at the desk
[[scanner]]
name = "ramp"
kind = "keyboard"
device='/dev/input/by-id/usb-A_B-event-kbd'
[[scanner]]
name = "gate"
kind = "serial"
device = "/dev/ttyACM0"
[[scanner]]
name = "hall"
kind = "keyboard"
device = "/dev/input/event3"
"""
    )
    assert [scanner.name for scanner in load_config(settings).scanner] == ["desk", "ramp", "gate", "hall"]
    install("--root", image)
    written = rules.read_text().replace("\\\n", "")
    found = [re.split(r", +", line) for line in written.splitlines() if line and not line.startswith("#")]
    assert [rule[1] for rule in found] == [
        'SYMLINK=="serial/by-id/usb-Honeywell*"',
        'SYMLINK=="input/by-id/usb-A_B-event-kbd"',
        'KERNEL=="ttyACM0"',
        'KERNEL=="event3"',
    ]
    assert all(rule[2:4] == ['GROUP="kiosk-scanner"', 'MODE="0640"'] for rule in found)
    assert "@" not in written

    settings.write_text(before)
    install("--root", image)
    assert not rules.exists()


def test_a_dry_run_does_nothing(image: Path) -> None:
    before = snapshot(image)
    assert "would" in install("--dry-run", "--root", image)
    assert snapshot(image) == before
    assert not (image / "opt").exists()


def test_scripts_refuse_what_they_do_not_know() -> None:
    for script in ("install", "setup"):
        run = subprocess.run([ROOT / "scripts" / script, "--no-such-thing"], capture_output=True, check=False)
        assert run.returncode == 2
        assert b"usage:" in run.stderr


def test_this_python_is_one_that_the_scripts_accept() -> None:
    assert sys.version_info >= (3, 11)
