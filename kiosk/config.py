"""Settings: TOML in, frozen values out. Everything is checked once, here, with a sentence a person can act on."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, PrivateAttr, field_validator, model_validator

from kiosk.domain.situation import Direction
from kiosk.domain.symbology import Symbology
from kiosk.door_section import DoorSection
from kiosk.screen_section import ScreenSection
from kiosk.settings_overlay import (
    FROM_CENTRE,
    FROM_TOUCHSCREEN,
    NAME,
    TOUCHSCREEN,
    NotPermittedError,
    check_permitted,
    digest_of,
    overlaid,
    read_overlay,
)
from kiosk.sound_section import SoundSection
from kiosk.toml_file import ConfigError, Section, absolute, model_of, read_tables, read_toml, tables_of

__all__ = [
    "CameraSection", "CentreSection", "ClockSection", "ConfigError", "DoorSection", "FormsSection", "GateSection",
    "HomeAssistantSection", "JournalSection", "KioskConfig", "KioskSection", "LimitsSection", "MetricsSection",
    "MqttSection", "NotPermittedError", "PathsSection", "PrivacySection", "ReadingSection", "ScannerSection",
    "ScreenSection", "SoundSection", "Symbologies", "TrustSection", "check_settings", "check_touchscreen",
    "load_config", "load_own", "read_toml", "with_settings",
]  # fmt: skip


class KioskSection(Section):
    """Who this kiosk is. The names become levels of an MQTT topic."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    tenant: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")] = "local"
    site: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")] = "main"
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] = "Asia/Ho_Chi_Minh"
    """The venue's, by its name in the tz database: hours, weekdays and holidays of the policy are told by it."""

    @property
    def address(self) -> str:
        """Return `TENANT/SITE/KIOSK`: what a trust document's audience names it by."""
        return f"{self.tenant}/{self.site}/{self.id}"

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("there is no such time zone; write it as in Asia/Ho_Chi_Minh or Europe/Berlin") from None
        return name


class PathsSection(Section):
    """Where things are. Relative paths start at the folder of the settings file."""

    state: Path = Path("/var/lib/kiosk")
    run: Path = Path("/run/kiosk")
    policy: Path
    trust: Path
    trust_key: Path | None = None
    """Public key (PEM) of a signed trust list."""
    deny_list: Path | None = None
    """Whom this venue does not let in, `deny.toml`."""
    admin: Path = Path("/run/kiosk-admin.sock")
    """Where `kiosk-admin` listens, the process with rights; without it network, clock and sticks cannot be set here."""


class TrustSection(Section):
    """How the trust list is used."""

    max_age_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Older than this, a source makes nobody valid any more; a source may have a shorter age of its own."""
    revocation_max_age_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Older than this, a built list of withdrawn codes makes nobody valid any more; counted from when it was built."""
    centre_key: Path | None = None
    """Who signs the trust documents of the centre: certificates or one public key, PEM. Absent: none is taken."""
    accept_stale_DANGEROUS: tuple[Annotated[str, Field(min_length=1, max_length=80)], ...] = ()  # noqa: N815 - loud
    """Names of sources whose keys make people valid however old the source is (`kiosk trust list`); of lists of
    withdrawn codes `withdrawn/SOURCE`."""


class GateSection(Section):
    """The relay and the door."""

    board: Path
    pins: Literal["lgpio", "mock"]
    """Which gpiozero pin factory drives the board: named, never guessed."""
    direction: Direction = Direction.ENTRY
    """Which way this kiosk lets people go."""
    pulse_ms: Annotated[int, Field(ge=100, le=30_000)] = 3000
    pin_log: Path | None = None
    """With `pins = "mock"`: every level that a pin takes, one line each, for demonstration and tests."""


class LimitsSection(Section):
    """What a venue may set of its policy at its own door."""

    people: int | None = Field(default=None, ge=1, le=1_000_000)
    """How many people may be inside, in place of the policy's own number; of a policy that counts them."""


class PrivacySection(Section):
    """Who may read the personal fields of events."""

    authority_key: Path | None = None
    """Public key (32 bytes, base64) of the health authority. Without it personal fields are not kept at all."""
    keep_days: Annotated[int, Field(ge=1, le=365)] = 21
    """How long the nameless inputs of decisions can be read on this kiosk (`kiosk explain`), and who was here can be
    looked up."""
    stay_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    """How long somebody is taken to stay who was not seen to leave: for tracing."""


class JournalSection(Section):
    """How much the journal may hold, and for how long."""

    max_mb: Annotated[int, Field(ge=8, le=16_384)] = 512
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Older events are dropped once the centre has confirmed them; without an [mqtt] table, in any case."""


class CameraSection(Section):
    """Where frames come from."""

    source: Annotated[str, Field(min_length=1, max_length=1024)] = "picamera2"
    """`picamera2`, `webcam`, `synthetic`, or the absolute path of a video or of a folder of pictures."""
    scene: Path | None = None
    """With `synthetic`: the file that says which codes come into view when."""
    device: Annotated[int, Field(ge=0, le=63)] = 0
    width: Annotated[int, Field(ge=320, le=4608)] = 1280
    height: Annotated[int, Field(ge=240, le=2592)] = 720
    fps: Annotated[int, Field(ge=1, le=120)] = 30
    exposure_ms: tuple[Annotated[float, Field(ge=0.1, le=100)], Annotated[float, Field(ge=0.1, le=100)]] = (2.0, 8.0)
    """Milliseconds up to which no gain is used, and the longest exposure of all (`picamera2`)."""
    gain_max: Annotated[float, Field(ge=1, le=64)] = 8.0
    bracket: bool = True
    """Every third frame with half the exposure, for bright screens (`picamera2`)."""
    focus_cm: Annotated[float, Field(ge=3, le=1000)] = 25.0
    """Where a camera with a movable lens is focused."""

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.exposure_ms[0] > self.exposure_ms[1]:
            raise ValueError("exposure_ms is [shortest, longest]; the first is longer than the second")
        return self


def _with_qr(value: tuple[Symbology, ...]) -> tuple[Symbology, ...]:
    if Symbology.UNKNOWN in value or Symbology.QR not in value or len(set(value)) < len(value):
        raise ValueError('write ["qr"], or ["qr", "code128"] at a sampling desk')
    return value


Symbologies = Annotated[tuple[Symbology, ...], AfterValidator(_with_qr)]
"""What is read: QR codes always; Code 128, the labels of sample tubes, only where somebody works with samples."""


class ReadingSection(Section):
    """How codes are read from the camera's frames."""

    engine: Literal["cascade", "zxing", "zbar", "opencv"] = "cascade"
    """`cascade` is the product; the others are single engines, for comparison."""
    second_opinion: Literal["patient", "zbar", "none"] = "patient"
    """With `cascade`: the slower engine that is asked in a process of its own where reading stalls. `patient` tries
    everything that a still picture gets, and zbar at last."""
    symbologies: Symbologies = (Symbology.QR,)


class ScannerSection(Section):
    """A barcode imager at the same door."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    kind: Literal["keyboard", "serial"]
    device: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._:+@#=,*?/\[\]-]{1,254}$")]
    """Absolute path, or a pattern with `*` and `?` that fits one device. `scripts/install` gives the kiosk leave to
    read it, in a udev rule: hence no quotes, spaces or backslashes."""
    layout: Literal["us"] = "us"
    """keyboard: the layout that the imager types in."""
    baud: Literal[9600, 19200, 38400, 57600, 115200, 230400] = 115200
    """serial: bits a second; an imager on USB takes any."""
    prefix: Literal["none", "aim"] = "none"
    """What stands before each code. `aim`: the AIM identifier, so that only what is asked for is taken."""
    symbologies: Symbologies = (Symbology.QR,)
    suffix: Literal["enter", "none"] = "enter"
    """What ends each code. `enter`: the Enter key, or CR, LF or both; `none`: silence (serial only)."""
    gap_ms: Annotated[int, Field(ge=20, le=1000)] = 80
    """With suffix `none`: how long a silence ends a code."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.name == "camera":
            raise ValueError("the name 'camera' is taken by the camera")
        foreign = self.model_fields_set & ({"baud", "gap_ms"} if self.kind == "keyboard" else {"layout"})
        if foreign:
            raise ValueError(f"'{min(foreign)}' is not for a scanner of the kind '{self.kind}'")
        if self.suffix == "none" and self.kind == "keyboard":
            raise ValueError("a keyboard has no silence that can be told from slow typing: leave suffix as 'enter'")
        if Symbology.CODE128 in self.symbologies and self.prefix != "aim":
            raise ValueError('code128 needs prefix = "aim": nothing else says which kind of code it was')
        if "gap_ms" in self.model_fields_set and self.suffix != "none":
            raise ValueError("'gap_ms' is for suffix = 'none'")
        return self


_FormName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}\.toml$")]


class FormsSection(Section):
    """Forms that visitors fill in at the screen (docs/forms.md)."""

    folder: Path = Path("forms")
    """Where their files are."""
    offered: Annotated[tuple[_FormName, ...], Field(max_length=2)] = ()
    """Names of the files: one for a declaration, one for a check-in."""


class MqttSection(Section):
    """The line to the centre."""

    host: Annotated[str, Field(min_length=1, max_length=253)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8883
    version: Literal[5, 311] = 5
    """Of MQTT: 5, or 311 for 3.1.1, which cannot say what a broker did not take (docs/protocol.md)."""
    tls: bool = True
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    @model_validator(mode="after")
    def _no_plain_text_abroad(self) -> Self:
        if not self.tls and not (self.host in ("localhost", "::1") or self.host.startswith("127.")):
            raise ValueError("tls = false is for a broker on this machine; others on the way could read and forge")
        return self


class CentreSection(Section):
    """Who may speak in the centre's name, and how far."""

    keys: Path
    """`centre-keys.toml`: the keys, and what each may say (docs/configure.md)."""
    remote_opening: bool = False
    """Whether the centre may open the gate: off until it is turned on here."""


class HomeAssistantSection(MqttSection):
    """A local broker where the kiosk shows itself to Home Assistant. Nothing can be opened from there."""

    username: Annotated[str, Field(max_length=128)] = ""
    password_file: Path | None = None
    """Its first line is the password."""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "homeassistant"
    """What Home Assistant's MQTT integration listens below."""


class MetricsSection(Section):
    """Figures for Prometheus, at `http://127.0.0.1:PORT/metrics`."""

    port: Annotated[int, Field(ge=1024, le=65_535)]


class ClockSection(Section):
    """How the wall clock is judged."""

    trust_system: bool = False
    """Take the system clock as right without asking the kernel whether it is synchronised."""


class KioskConfig(Section):
    """The whole settings file, `kiosk.toml`."""

    kiosk: KioskSection
    paths: PathsSection
    gate: GateSection
    door: DoorSection = DoorSection()
    trust: TrustSection = TrustSection()
    limits: LimitsSection = LimitsSection()
    privacy: PrivacySection = PrivacySection()
    journal: JournalSection = JournalSection()
    camera: CameraSection = CameraSection()
    reading: ReadingSection = ReadingSection()
    scanner: Annotated[tuple[ScannerSection, ...], Field(max_length=8)] = ()
    screen: ScreenSection = ScreenSection()
    sound: SoundSection = SoundSection()
    forms: FormsSection = FormsSection()
    mqtt: MqttSection | None = None
    """Absent: events stay on the kiosk."""
    centre: CentreSection | None = None
    """Absent: nothing that is said in the centre's name is believed."""
    home_assistant: HomeAssistantSection | None = None
    """Absent: nothing is shown to Home Assistant."""
    metrics: MetricsSection | None = None
    """Absent: no port is opened."""
    clock: ClockSection = ClockSection()
    monitor: bool = False
    """Open the read-only monitor socket (demonstration and benches)."""
    _settings: str = PrivateAttr("")

    @property
    def settings_digest(self) -> str:
        """What the settings that lie over `kiosk.toml` are known by; empty where there are none."""
        return self._settings

    def lies_under(self, centre: bytes | None, touchscreen: bytes | None) -> None:
        """Take note of the settings that lie over these."""
        self._settings = digest_of(centre, touchscreen)

    def is_outdated(self, said: str) -> bool:
        """Tell whether the gate goes by settings with another digest, `said`, that a new start would find."""
        try:
            return said != self._settings and said == digest_of(*_overlays(self.paths))
        except ConfigError:
            return False

    @model_validator(mode="after")
    def _receipts_can_be_checked(self) -> Self:
        if self.mqtt is not None and self.centre is None:
            raise ValueError("[mqtt] needs [centre] keys: without them no receipt of the centre's can be believed")
        return self

    @model_validator(mode="after")
    def _each_scanner_once(self) -> Self:
        for key in ("name", "device"):
            values = [getattr(scanner, key) for scanner in self.scanner]
            if len(set(values)) < len(values):
                raise ValueError(f"two [[scanner]] tables have the same {key}")
        return self


def load_config(path: Path) -> KioskConfig:
    """Read `kiosk.toml`, with the settings made at the touchscreen and those of the centre over it.

    Relative paths start at its folder. Raises ConfigError.
    """
    own = load_own(path)
    centre, touchscreen = _overlays(own.paths)
    return with_settings(path, centre, own.paths.state / NAME, touchscreen)


def _overlays(paths: PathsSection) -> tuple[bytes | None, bytes | None]:
    folders = (paths.state, paths.run)
    return read_overlay(folders), read_overlay(folders, name=TOUCHSCREEN)


def load_own(path: Path) -> KioskConfig:
    """Read `kiosk.toml` alone. Raises ConfigError."""
    return _absolute(read_toml(path, KioskConfig), path)


def with_settings(
    path: Path, content: bytes | None, where: Path | str, touchscreen: bytes | None = None
) -> KioskConfig:
    """Return what `kiosk.toml`, settings made at the touchscreen and those of the centre say together.

    `content` came from the centre, by way of `where`. Raises NotPermittedError for keys that may not be set there,
    ConfigError.
    """
    return _absolute(_together(read_tables(path), content, where, touchscreen, path), path)


_LEAST: dict[str, Any] = {
    "kiosk": {"id": "any"}, "paths": {"policy": "policy.toml", "trust": "trust"},
    "gate": {"board": "board.toml", "pins": "mock"},
}  # fmt: skip


def check_settings(content: bytes, where: Path | str) -> None:
    """Check settings from the centre without a kiosk's own. Raises as `with_settings`."""
    _together(_LEAST, content, where)


def check_touchscreen(content: bytes) -> None:
    """Check settings made at the touchscreen without a kiosk's own. Raises as `with_settings`."""
    _together(_LEAST, None, "", content)


def _together(
    own: dict[str, Any], content: bytes | None, where: Path | str, touchscreen: bytes | None = None,
    path: Path | str = "",
) -> KioskConfig:  # fmt: skip
    tables, config = own, None
    for layer, named, permitted in ((touchscreen, TOUCHSCREEN, FROM_TOUCHSCREEN), (content, where, FROM_CENTRE)):
        if layer is not None:
            settings = tables_of(layer, named)
            tables = overlaid(tables, settings)
            config = model_of(tables, named, KioskConfig)
            check_permitted(settings, permitted)  # every key is known by now
    config = config or model_of(tables, path, KioskConfig)
    config.lies_under(content, touchscreen)
    return config


def _absolute(config: KioskConfig, path: Path) -> KioskConfig:
    base = path.resolve().parent
    sections = {
        name: absolute(value, base)
        for name in KioskConfig.model_fields
        if isinstance(value := getattr(config, name), Section)
    }
    return config.model_copy(update=sections)
