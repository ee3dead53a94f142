"""What provisioning changes in the settings: the kiosk's name, `[mqtt]`, `[centre]`, and the list of the centre's keys.

New files are written beside the old ones and read back by the very code that the kiosk reads them with, before they
take the old ones' place. The settings come last: until then the kiosk goes by what it had.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from kiosk.adapters.settings_edit import Value, changed
from kiosk.centre_keys import load_centre_keys
from kiosk.config import load_config
from kiosk.toml_file import ConfigError
from kiosk.whole_file import sync_folder, write_whole

KEYS_FILE = "centre-keys.toml"


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the line to the centre ends."""

    host: str
    port: int
    version: int
    """Of MQTT: 5, or 311 for 3.1.1."""


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What a kiosk was told. Paths are absolute."""

    kiosk: str
    """`TENANT/SITE/KIOSK`."""
    broker: Broker
    ca_file: Path
    identity_file: Path
    """Certificate and key."""
    centre_keys: str
    """Content of the file."""


class SettingsFiles:
    """`kiosk.toml` and the list of the centre's keys beside it."""

    def __init__(self, config: Path) -> None:
        """Read the settings. Raises ConfigError, OSError."""
        self._config = config
        self._old = load_config(config)
        self._text = config.read_bytes().decode()
        self._keys = config.with_name(KEYS_FILE)
        self._drafts = (config.with_name(f".{config.name}.new"), config.with_name(f".{KEYS_FILE}.new"))

    def check_name(self, kiosk: str) -> None:
        """Make sure that the kiosk may take this name: the events of a journal name their kiosk. Raises ConfigError."""
        old, state = self._old.kiosk.address, self._old.paths.state
        if old != kiosk and (state / "journal.db").exists():
            raise ConfigError(
                f"this kiosk has been {old}, and its journal in {state} says so; ask for a code for that name, "
                "or stop the kiosk and move journal.db* to another place first"
            )

    def prepare(self, told: Provisioned) -> None:
        """Write the new files beside the old ones and check them. Raises ConfigError, SettingsEditError, OSError."""
        tenant, site, name = told.kiosk.split("/")
        mqtt: dict[str, Value] = {
            "host": told.broker.host, "port": told.broker.port, "version": told.broker.version,
            "ca_file": str(told.ca_file), "cert_file": str(told.identity_file), "key_file": None, "tls": None,
        }  # fmt: skip
        text = changed(
            self._text,
            {"kiosk": {"id": name, "tenant": tenant, "site": site}, "mqtt": mqtt, "centre": {"keys": KEYS_FILE}},
        )
        settings, keys = self._drafts
        self._write(keys, told.centre_keys.encode())
        self._write(settings, text.encode())
        load_centre_keys(keys)
        load_config(settings)

    def put_in_place(self) -> None:
        """Let the checked files take the old ones' place. Raises OSError."""
        settings, keys = self._drafts
        keys.replace(self._keys)
        settings.replace(self._config)
        sync_folder(self._config.parent)

    def tidy(self) -> None:
        """Remove what was written and not put in place."""
        for draft in self._drafts:
            draft.unlink(missing_ok=True)

    def _write(self, path: Path, data: bytes) -> None:
        stat = self._config.stat()
        owner = (stat.st_uid, stat.st_gid) if os.geteuid() == 0 else None
        write_whole(path, data, mode=stat.st_mode & 0o777, owner=owner)
