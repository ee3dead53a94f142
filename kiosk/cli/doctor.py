"""`kiosk doctor`: what is present and what is missing, each with the next step."""

import argparse
import fcntl
import importlib.util
import os
import pwd
import shutil
import socket
import stat
from collections.abc import Container, Iterator
from datetime import timedelta
from pathlib import Path

from kiosk.adapters import trust_files
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.policy_archive import read_policy
from kiosk.adapters.revocation_files import MEMORY, RevocationLists
from kiosk.adapters.scanners.devices import ScannerLostError, locate, open_device
from kiosk.adapters.trust_memory import VersionMemory
from kiosk.cli.doctor_documents import documents
from kiosk.cli.doctor_forms import forms
from kiosk.cli.doctor_journal import journal
from kiosk.cli.doctor_line import line
from kiosk.cli.doctor_state import Finding, counts, disk, door, pins
from kiosk.cli.doctor_touchscreen import touchscreen
from kiosk.cli.output import DONE, NEGATIVE, exists, print_json
from kiosk.cli.policy_review import review
from kiosk.cli.policy_words import Speaker
from kiosk.config import CameraSection, ConfigError, KioskConfig, ScannerSection, load_config
from kiosk.deny_file import load_deny_list
from kiosk.domain.events import ClockConfidence
from kiosk.domain.trust import TrustError, is_older

_MARKS = {"ok": "✓", "missing": "✗", "warning": "!"}
_TRY_S = 2.0
_RECEIVERS = ("unicam", "rp1-cfe")
"""What the kernel calls the inputs of a Pi 4 and a Pi 5, which are there only where a camera module was found."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--config", type=Path, default=Path("/etc/kiosk/kiosk.toml"), metavar="FILE",
        help="settings (default /etc/kiosk/kiosk.toml)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object a finding")


def _settings(path: Path) -> tuple[Finding, KioskConfig | None]:
    """Look at the settings, and hand them on for the other parts even where board or policy are wrong."""
    config: KioskConfig | None = None
    try:
        config = load_config(path)
        policy, _ = read_policy(config.paths.policy)
        if config.paths.deny_list is not None:
            load_deny_list(config.paths.deny_list)
    except ConfigError as error:
        step = "correct that file: docs/configure.md"
        if config is None and not exists(path):
            step = "run scripts/install on the appliance, or name a file with --config; `kiosk demo` needs none"
        return Finding("settings", "missing", str(error), step), config
    if not policy.admit:
        empty = Finding("settings", "warning", "the policy is empty: nobody is admitted", "add an [[admit]] table")
        return empty, config
    if flaws := review(policy, SystemClock().now().date()):
        first = Speaker("en").flaw(flaws[0])
        return Finding("settings", "warning", first, f"kiosk policy check {config.paths.policy}"), config
    return Finding("settings", "ok", f"{path}, policy {policy.version}"), config


def _camera(camera: CameraSection, system: Path = Path("/")) -> Finding:
    """Look for what the settings name, without opening it: the kiosk may be using it."""
    match camera.source:
        case "picamera2":
            return _pi_camera(system)
        case "webcam":
            return _webcam(camera.device, system)
        case "synthetic":
            if camera.scene is not None and exists(camera.scene):
                return Finding("camera", "ok", f"not a camera, but {camera.scene}")
            return Finding("camera", "missing", "the synthetic camera has no scene", "correct [camera] scene")
        case path:
            if exists(Path(path)):
                return Finding("camera", "ok", f"not a camera, but {path}")
            return Finding("camera", "missing", f"there is no {path}", "correct [camera] source in the settings")


def _pi_camera(system: Path) -> Finding:
    if importlib.util.find_spec("picamera2") is None:
        step = 'on a Pi: sudo apt install python3-picamera2; elsewhere set [camera] source = "webcam"'
        return Finding("camera", "missing", "picamera2 is not installed", step)
    # A Pi has video devices without any camera too: those of its image processor.
    names = [path.read_text().strip() for path in sorted(system.glob("sys/class/video4linux/video*/name"))]
    receivers = [name for name in names if name.startswith(_RECEIVERS)]
    if receivers:
        return Finding("camera", "ok", f"picamera2: a camera module at {receivers[0].partition('-')[0]}")
    step = "check the ribbon cable at both ends with the Pi unpowered, and camera_auto_detect=1 in config.txt"
    return Finding("camera", "missing", f"no camera module among {len(names)} video devices", step)


def _webcam(number: int, system: Path) -> Finding:
    device, others = system / f"dev/video{number}", sorted(path.name for path in system.glob("dev/video*"))
    if not exists(device):
        found = f"there is no /dev/video{number}" + (f", but {', '.join(others[:4])}" if others else "")
        step = "correct [camera] device" if others else "plug the camera in and check its cable"
        return Finding("camera", "missing", found, step)
    if not os.access(device, os.R_OK | os.W_OK):
        return Finding("camera", "missing", f"/dev/video{number} may not be used", "add this user to the group video")
    return Finding("camera", "ok", f"webcam: /dev/video{number}")


def _gate_runs(run_dir: Path) -> bool:
    """Tell whether a gate process holds the run directory now."""
    try:
        with (run_dir / "gate.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _gate_may_read(path: str, name: str = "kiosk-gate") -> bool:
    """Tell whether the gate's account, or this user where there is no such account, may read a device."""
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        return os.access(path, os.R_OK)
    info = Path(path).stat()
    if info.st_uid == account.pw_uid:
        return bool(info.st_mode & stat.S_IRUSR)
    in_group = info.st_gid in os.getgrouplist(account.pw_name, account.pw_gid)
    return bool(info.st_mode & (stat.S_IRGRP if in_group else stat.S_IROTH))


def _scanner(scanner: ScannerSection, gate_runs: bool) -> Finding:
    """Find a scanner's device and try to open it as the gate process does, unless that has it already."""
    try:
        path = locate(scanner.device)
        if exists(Path(path)) and not _gate_may_read(path):
            step = "run scripts/install again: it lets the kiosk read what the settings name"
            return Finding("scanner", "missing", f"{scanner.name}: the kiosk may not read {path}", step)
        if gate_runs and scanner.kind == "serial":
            # Opening it here as well would throw away what is being scanned.
            return Finding("scanner", "ok", f"{scanner.name}: {path}, left to the kiosk that runs")
        open_device(scanner).close()
    except ScannerLostError as error:
        if error.busy and gate_runs:
            return Finding("scanner", "ok", f"{scanner.name}: {scanner.device}, held by the kiosk that runs")
        return Finding("scanner", "missing", f"{scanner.name}: {error.found}", error.next_step)
    if gate_runs:
        step = "sudo systemctl restart kiosk-gate; then sudo journalctl -u kiosk-gate says why"
        return Finding("scanner", "warning", f"{scanner.name}: {path} is there, and the kiosk does not hold it", step)
    return Finding("scanner", "ok", f"{scanner.name}: {path} can be read")


def _scanners(config: KioskConfig | None) -> Iterator[Finding]:
    if config and config.scanner:
        gate_runs = _gate_runs(config.paths.run)
        for scanner in config.scanner:
            yield _scanner(scanner, gate_runs)


def _pins(driver: str) -> Finding:
    if driver == "mock":
        return Finding("pins", "warning", "simulated: no relay moves", 'on the appliance set [gate] pins = "lgpio"')
    if importlib.util.find_spec("lgpio") is None:
        return Finding("pins", "missing", "lgpio is not installed", "sudo apt install python3-lgpio")
    chip = Path("/dev/gpiochip0")
    if not exists(chip):
        return Finding("pins", "missing", "there is no /dev/gpiochip0", "this is no Pi, or its kernel has no GPIO")
    if not os.access(chip, os.R_OK | os.W_OK):
        return Finding("pins", "missing", "/dev/gpiochip0 may not be used", "add this user to the group gpio")
    return Finding("pins", "ok", "lgpio on /dev/gpiochip0")


def _display() -> Finding:
    for variable in ("WAYLAND_DISPLAY", "DISPLAY"):
        if os.environ.get(variable):
            return Finding("display", "ok", f"{variable} is set")
    outputs = Path("/sys/class/drm").glob("*/status")
    connected = [output.parent.name for output in outputs if output.read_text().strip() == "connected"]
    if connected:
        return Finding("display", "ok", f"connected: {', '.join(connected)}")
    return Finding("display", "missing", "no screen is connected", "check the screen's cable and power")


def _sound() -> Finding:
    cards = Path("/proc/asound/cards")
    if not exists(cards) or "no soundcards" in cards.read_text():
        return Finding("sound", "warning", "there is no sound card", "plug one in; the screen answers all the same")
    if shutil.which("pw-play") or shutil.which("aplay"):
        return Finding("sound", "ok", "a card and a player are there")
    return Finding("sound", "warning", "there is no player", "sudo apt install alsa-utils")


def _broker(config: KioskConfig | None) -> Finding:
    if config is None or config.mqtt is None:
        return Finding("broker", "warning", "none is configured: events stay here", "add an [mqtt] table")
    where = f"{config.mqtt.host}:{config.mqtt.port}"
    try:
        socket.create_connection((config.mqtt.host, config.mqtt.port), timeout=_TRY_S).close()
    except OSError:
        step = "check the network cable and [mqtt]; entries go on, and wait here"
        return Finding("broker", "missing", f"{where} does not answer", step)
    return Finding("broker", "ok", f"{where} answers")


def _clock(config: KioskConfig | None) -> Finding:
    clock = SystemClock(trust_system=bool(config and config.clock.trust_system))
    shown = clock.now().isoformat(timespec="seconds")
    match clock.confidence():
        case ClockConfidence.SYNCED:
            return Finding("clock", "ok", shown)
        case ClockConfidence.DRIFTING:
            step = "connect to the network, then: timedatectl set-ntp true"
            return Finding("clock", "warning", f"{shown}, not synchronised", step)
        case ClockConfidence.UNSET:
            return Finding("clock", "missing", f"{shown} cannot be right", "set the clock: nothing dated is admitted")


def _trust(config: KioskConfig | None) -> Iterator[Finding]:
    if config is None:
        yield Finding("trust list", "missing", "not looked for: the settings come first", "mend the settings")
        return
    now, max_age = SystemClock().now(), timedelta(days=config.trust.max_age_days)
    try:
        trust = trust_files.load(
            config.paths.trust, config.paths.trust_key, max_age=max_age,
            centre=trust_files.centre(config.paths.state, config.trust.centre_key),
            revocation_max_age=timedelta(days=config.trust.revocation_max_age_days),
        )  # fmt: skip
    except TrustError as error:
        yield Finding("trust list", "missing", str(error), "put one there: without it nobody is admitted")
        return
    old = [source.name for source in trust.sources if source.is_stale(now)]
    accepted = config.trust.accept_stale_DANGEROUS
    if accepted:
        step = "take it out of [trust] accept_stale_DANGEROUS as soon as there is a new list"
        yield Finding("stale trust", "warning", f"accepted however old: {', '.join(accepted)}", step)
    age = f"keys: {len(trust)}, sources: {len(trust.sources)}, the oldest {trust.age(now).days} days old"
    if refused := [name for name in old if name not in accepted]:
        found, step = f"{age}; too old: {', '.join(refused)}", "import it anew: nobody is valid by its keys until then"
        yield Finding("trust list", "missing", found, step)
    else:
        yield Finding("trust list", "ok", age)
    yield from _withdrawn(config, trust.revoked)
    if aged := [one.name for one in trust.withdrawing if one.is_stale(now) and one.name not in accepted]:
        step = "build it anew from its source: nobody is valid until then (docs/revocation.md)"
        yield Finding("withdrawn", "missing", f"older than it may be: {', '.join(aged)}", step)
    key = config.trust.centre_key
    if key is not None and not os.access(key, os.R_OK):
        yield Finding("centre's key", "missing", f"{key} cannot be read", "put it there: docs/trust.md")


def _withdrawn(config: KioskConfig, lists: Container[bytes]) -> Iterator[Finding]:
    """Compare the lists of withdrawn codes with what has been in force."""
    if not isinstance(lists, RevocationLists):
        return
    kept, versions = VersionMemory(config.paths.state / MEMORY).all(), lists.versions
    if older := [name for name, version in versions.items() if is_older(str(version), kept.get(name, ""))]:
        step = "build a newer one: after the next start nobody is valid by this one"
        yield Finding("withdrawn", "missing", f"older than a list that was in force: {', '.join(older)}", step)
    if gone := sorted(kept.keys() - lists.names):
        step = "put it back: what it withdrew is valid again (docs/revocation.md)"
        yield Finding("withdrawn", "warning", f"no longer among the trust files: {', '.join(gone)}", step)


def examine(path: Path) -> Iterator[Finding]:
    """Yield a finding for every part, in the order in which a person would look."""
    settings, config = _settings(path)
    yield settings
    yield from _scanners(config)
    yield _camera(config.camera if config else CameraSection())
    yield _pins(config.gate.pins if config else "lgpio")
    yield from door(config)
    yield _display()
    yield _sound()
    yield _broker(config)
    yield from line(config, SystemClock().now())
    yield _clock(config)
    yield from _trust(config)
    yield from documents(config)
    yield from forms(config)
    yield disk(config)
    yield from journal(config)
    yield from counts(config)
    yield from pins(config)
    yield from touchscreen(config)


def run(options: argparse.Namespace) -> int:
    """Look at everything; the exit status is 1 where something needed is missing."""
    findings = list(examine(options.config))
    if options.json:
        for finding in findings:
            print_json({
                "part": finding.part, "state": finding.state, "found": finding.found, "next_step": finding.next_step,
            })  # fmt: skip
    else:
        for finding in findings:
            print(f"{_MARKS[finding.state]} {finding.part:<11} {finding.found}")
            if finding.next_step:
                print(f"{'':13} → {finding.next_step}")
        if any(f.state != "ok" for f in findings):
            print("\n✗ has to be mended; ! works without")
    return NEGATIVE if any(f.state == "missing" for f in findings) else DONE
