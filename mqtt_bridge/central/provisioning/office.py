"""The service's folder: the authority, the ledger, the settings, and the papers of those who are no kiosk.

| file | what | who reads it |
|---|---|---|
| `ca.pem`, `ca.key` | the authority | this service; `ca.pem` every broker |
| `provisioning.toml` | `Settings` | this service |
| `ledger.db` | claims and certificates | this service |
| `crl.pem` | what is withdrawn | every broker |
| `service.pem` | this service as a server, key and certificate in one | this service |
| `broker.pem`, `.key` | the broker as a server | the broker |
| `centre.pem`, `.key` | the centre as the broker's client | the centre's consumers |
| `desk.pem`, `.key` | the control room as the broker's client | who runs `kiosk command` |
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from cryptography import x509
from pydantic import Field

from kiosk.toml_file import ConfigError, Section, absolute, read_toml
from kiosk.whole_file import write_whole
from mqtt_bridge.central.provisioning.authority import (
    CENTRE_NAME,
    DESK_NAME,
    Authority,
    AuthorityError,
    certificate_pem,
    key_pem,
    new_key,
)
from mqtt_bridge.central.provisioning.issuing import Delivery, Desk
from mqtt_bridge.central.provisioning.ledger import Ledger

SETTINGS = "provisioning.toml"
MAX_KEYS_FILE = 32_768
_Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9:]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9:])?$")]
_Port = Annotated[int, Field(ge=1, le=65_535)]


class Settings(Section):
    """`provisioning.toml`."""

    host: _Host
    """By what name kiosks reach this service."""
    port: _Port = 8443
    broker_host: _Host
    """By what name kiosks reach the broker."""
    broker_port: _Port = 8883
    broker_version: Literal[5, 311] = 5
    """Of MQTT: 5, or 311 for 3.1.1, which is all that RabbitMQ speaks before 3.13."""
    centre_keys: Path = Path("centre-keys.toml")
    """What kiosks get as the list of who may say what in the centre's name."""

    def as_toml(self) -> str:
        """Return the file's text."""
        return (
            f'host = "{self.host}"\nport = {self.port}\n'
            f'broker_host = "{self.broker_host}"\nbroker_port = {self.broker_port}\n'
            f"broker_version = {self.broker_version}\n"
            f'centre_keys = "{self.centre_keys}"\n'
        )


@dataclass(frozen=True, slots=True)
class Office:
    """An open folder."""

    folder: Path
    settings: Settings
    authority: Authority
    ledger: Ledger

    @classmethod
    def founded(cls, folder: Path, settings: Settings, name: str, now: datetime) -> "Office":
        """Make a folder with a new authority. Raises OSError, FileExistsError where there is one already."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (folder / "ca.key").exists():
            raise FileExistsError
        authority = Authority.made(name, now)
        write_whole(folder / SETTINGS, settings.as_toml().encode(), mode=0o644)
        write_whole(folder / "ca.pem", certificate_pem(authority.certificate), mode=0o644)
        # Last: from now on the folder has an authority, and another start would not make a second one.
        write_whole(folder / "ca.key", key_pem(authority.key))
        office = cls.opened(folder)
        office.write_papers(now)
        office.publish_withdrawn(now)
        return office

    @classmethod
    def opened(cls, folder: Path) -> "Office":
        """Open a folder. Raises ConfigError with one sentence; OSError; LedgerError; AuthorityError."""
        settings = absolute(read_toml(folder / SETTINGS, Settings), folder)
        authority = Authority.read((folder / "ca.pem").read_bytes(), (folder / "ca.key").read_bytes())
        return cls(folder, settings, authority, Ledger(folder / "ledger.db"))

    def desk(self) -> Desk:
        """Return what answers kiosks. Raises ConfigError where the list of the centre's keys cannot be read."""
        path = self.settings.centre_keys
        try:
            keys = path.read_bytes()
            text = keys.decode()
        except (OSError, UnicodeDecodeError):
            raise ConfigError(f"{path} cannot be read; it says who may command the kiosks, and each gets it") from None
        if len(keys) > MAX_KEYS_FILE:
            raise ConfigError(f"{path} is too large to be a list of the centre's keys")
        settings = self.settings
        delivery = Delivery(settings.broker_host, settings.broker_port, settings.broker_version, text)
        return Desk(self.authority, self.ledger, delivery, self.publish_withdrawn)

    def publish_withdrawn(self, now: datetime) -> None:
        """Write `crl.pem` anew. Raises OSError."""
        at = int(now.timestamp())
        revoked = [(serial, datetime.fromtimestamp(when, UTC)) for serial, when in self.ledger.revoked(at)]
        write_whole(self.folder / "crl.pem", self.authority.revocation_list(revoked, at, now), mode=0o644)

    def write_papers(self, now: datetime) -> None:
        """Make keys and certificates for this service, the broker and the centre's two users. Raises OSError."""
        settings = self.settings
        self.renew_service(now)
        key = new_key()
        self._write("broker", self.authority.for_server([settings.broker_host], key.public_key(), now), key_pem(key))
        for file, user in (("centre", CENTRE_NAME), ("desk", DESK_NAME)):
            key = new_key()
            self._write(file, self.authority.for_centre(user, key.public_key(), now), key_pem(key))

    def renew_service(self, now: datetime) -> None:
        """Make this service's own key and certificate. Raises OSError."""
        key = new_key()
        certificate = self.authority.for_server([self.settings.host], key.public_key(), now)
        write_whole(self.folder / "service.pem", certificate_pem(certificate) + key_pem(key))

    def service_is_due(self, now: datetime) -> bool:
        """Tell whether this service's certificate has lived two thirds of its time. Raises OSError."""
        try:
            found = x509.load_pem_x509_certificate((self.folder / "service.pem").read_bytes())
        except ValueError:
            raise AuthorityError("service.pem cannot be read; `papers` makes a new one") from None
        life = found.not_valid_after_utc - found.not_valid_before_utc
        return now >= found.not_valid_before_utc + life * 2 / 3

    def _write(self, name: str, certificate: x509.Certificate, key: bytes) -> None:
        # Key and certificate may part in a power cut; `papers` makes both anew.
        write_whole(self.folder / f"{name}.key", key)
        write_whole(self.folder / f"{name}.pem", certificate_pem(certificate), mode=0o644)
