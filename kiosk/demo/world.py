"""The folder in which a demonstration lives: keys, trust, policy, settings, scene. Nothing outside it is touched."""

import base64
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.public import PrivateKey

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.keys import write_signer
from kiosk.adapters.trust_import import take_in
from kiosk.demo.script import Issuers, Visitor
from kiosk.domain.centre import Permission
from kiosk.signing_key import key_table, write_signing_key
from kiosk.verify.trust_sources import Given

_POLICY = """\
version = "demo-1"
zone = "lobby"
when_unsure = "staff"

[[admit]]
name = "vaccinated"
kinds = ["vaccination"]
formats = ["HC1"]
min_age_days = 14
max_age_days = 365

[[admit]]
name = "vaccinated (SMART Health Card), with identity card"
kinds = ["vaccination"]
formats = ["SHC"]
min_age_days = 14
max_age_days = 365
needs = ["identity"]

[[admit]]
name = "recovered, with identity card"
kinds = ["recovery"]
max_age_days = 180
identity_card = true

[[admit]]
name = "expected visitor"
kinds = ["visit"]

[[admit]]
name = "staff, with identity card"
kinds = ["staff"]
needs = ["identity"]

[[admit]]
name = "declared at the screen"
kinds = ["declaration"]
forms = ["health-declaration"]

[[admit]]
name = "ticket of today's event"
kinds = ["ticket"]
issuers = ["Made-up festival"]
"""
_FESTIVAL = "Made-up festival"

_BOARD = """\
name = "demonstration"

[relay]
pin = 17
max_pulse_ms = 5000
"""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person who starts the demonstration may choose."""

    camera: str = "synthetic"
    width: int = 800
    height: int = 480
    pixels_per_mm: float = 5.19
    language: str = "vi"
    pictures: Path | None = None
    """Where to save pictures of the screens (without a display)."""
    pulse_ms: int = 1200


@dataclass(frozen=True, slots=True)
class World:
    """Where things are in a demonstration's folder."""

    folder: Path

    @property
    def config(self) -> Path:
        """The settings file of all four processes."""
        return self.folder / "kiosk.toml"

    @property
    def run(self) -> Path:
        """The sockets."""
        return self.folder / "run"

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.folder / "state" / "journal.db"

    @property
    def pin_log(self) -> Path:
        """Every level that the relay's line took."""
        return self.folder / "pins.log"

    @property
    def centre_database(self) -> Path:
        """What the centre has stored."""
        return self.folder / "centre.db"

    @property
    def centre_key(self) -> Path:
        """What the centre signs its receipts with."""
        return self.folder / "keys" / "store.key.pem"

    @property
    def scene(self) -> Path:
        """What comes before the synthetic camera."""
        return self.folder / "scene.json"

    @property
    def logs(self) -> Path:
        """What the processes print."""
        return self.folder / "logs"


def _toml(value: object) -> str:
    """Write a string, number, boolean or list of them as TOML; JSON's basic strings and lists are TOML's."""
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)


def _offered(first: str) -> list[str]:
    return list(dict.fromkeys(("vi", "en", first)))


def _settings(choices: Choices, mqtt_port: int) -> str:
    tables: dict[str, dict[str, object]] = {
        "kiosk": {"id": "demo-door", "tenant": "demo", "site": "lobby"},
        "paths": {"state": "state", "run": "run", "policy": "policy.toml", "trust": "trust"},
        "gate": {"board": "board.toml", "pins": "mock", "pulse_ms": choices.pulse_ms, "pin_log": "pins.log"},
        "privacy": {"authority_key": "authority.pub"},
        "camera": {"source": choices.camera, **({"scene": "scene.json"} if choices.camera == "synthetic" else {})},
        "screen": {
            "width": choices.width, "height": choices.height, "pixels_per_mm": choices.pixels_per_mm,
            "language": choices.language, "languages": _offered(choices.language), "fullscreen": False, "demo": True,
            **({"pictures": choices.pictures} if choices.pictures else {}),
        },
        "forms": {"folder": "forms", "offered": ["health-declaration.toml"]},
        "mqtt": {"host": "127.0.0.1", "port": mqtt_port, "tls": False},
        "centre": {"keys": "centre-keys.toml"},
        "clock": {"trust_system": True},
    }  # fmt: skip
    lines = ["monitor = true"]
    for table, entries in tables.items():
        lines += ["", f"[{table}]", *(f"{key} = {_toml(value)}" for key, value in entries.items())]
    return "\n".join(lines) + "\n"


def _items(visitor: Visitor, seed: int) -> list[dict[str, object]]:
    """Return what a visitor brings into view: a code, or noise; one beside it; one after it."""
    item: dict[str, object] = {
        "medium": visitor.medium, "at_s": visitor.at_s, "hold_s": visitor.hold_s, "seed": seed,
        "approach": visitor.approach, **_payload(visitor.text),
    }  # fmt: skip
    items = [item]
    if visitor.beside:
        item["x"] = 0.3
        items.append({**item, "medium": "paper", "seed": seed + 1, "x": 0.75, **_payload(visitor.beside)})
    for number, text in enumerate(visitor.then, 1):
        items.append({**item, "seed": seed + number, "at_s": visitor.at_s + number * visitor.step_s, **_payload(text)})
    return items


def _payload(text: str) -> dict[str, object]:
    return {"payload_b64": base64.b64encode(text.encode()).decode()} if text else {"kind": "noise"}


def write_scene(
    path: Path, visitors: tuple[Visitor, ...], start_ns: int | None = None, repeat_s: float | None = None
) -> None:
    """Write the scene of the synthetic camera; see kiosk.vision.sources.scene for its keys."""
    scene: dict[str, object] = {
        "items": [item for number, visitor in enumerate(visitors, 1) for item in _items(visitor, number)]
    }
    if start_ns is not None:
        scene["start_ns"] = start_ns
    if repeat_s is not None:
        scene["repeat_s"] = repeat_s
    partial = path.with_suffix(".part.json")
    partial.write_text(json.dumps(scene))
    partial.rename(path)


def _import_trust(folder: Path, issuers: Issuers, keys: Path) -> None:
    """Do what `kiosk trust import` does, for each of those whom this door trusts."""
    sources = {"clinic": ("shc", Given(issuers.clinic.jwks(), issuers.clinic.iss))}
    sources["festival"] = ("pretix", Given(issuers.festival.public_key, _FESTIVAL))
    for name, signer in (("ministry", issuers.ministry), ("front-desk", issuers.front_desk)):
        _, certificate = write_signer(signer, keys / name)
        sources[name] = ("issuer", Given(certificate.read_bytes()))
    for name, (kind, given) in sources.items():
        take_in(given, folder, kind=kind, name=name, now=SystemClock().now())


def make_world(folder: Path, issuers: Issuers, choices: Choices, mqtt_port: int) -> World:
    """Write everything that the processes need into `folder`."""
    world = World(folder)
    for sub in ("trust", "keys", "logs", "run"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    _import_trust(folder / "trust", issuers, folder / "keys")
    authority = PrivateKey.generate()
    (folder / "authority.pub").write_bytes(base64.b64encode(bytes(authority.public_key)))
    (folder / "policy.toml").write_text(_POLICY)
    (folder / "board.toml").write_text(_BOARD)
    (folder / "forms").mkdir(exist_ok=True)
    form = files("firmware_config") / "forms" / "health-declaration.toml"
    (folder / "forms" / form.name).write_bytes(form.read_bytes())
    store = Ed25519PrivateKey.generate()
    write_signing_key(world.centre_key, store)
    (folder / "centre-keys.toml").write_text(key_table("store", store, [Permission.STORE]))
    world.config.write_text(_settings(choices, mqtt_port))
    return world
