"""What `kiosk doctor` finds of the line to the centre: whether this kiosk can prove who it is, and whom it believes."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from kiosk.adapters.identity import Identity, IdentityError, read_identity
from kiosk.centre_keys import load_centre_keys
from kiosk.cli.doctor_state import Finding
from kiosk.config import ConfigError, KioskConfig
from kiosk.domain.centre import Permission

_ANEW = "ask the centre for a new code, then: kiosk provision CODE (docs/provision.md)"


def line(config: KioskConfig | None, now: datetime) -> Iterator[Finding]:
    """Look at certificate, key and the list of the centre's keys. A kiosk without a centre needs none of them."""
    if config is None or config.mqtt is None:
        return
    mqtt = config.mqtt
    if mqtt.tls and mqtt.cert_file is not None and mqtt.ca_file is not None:
        yield _certificate(mqtt.cert_file, mqtt.key_file or mqtt.cert_file, mqtt.ca_file, config.kiosk.address, now)
    if config.centre is not None:
        yield _centre(config.centre.keys)


def _certificate(certificate: Path, key: Path, ca: Path, kiosk: str, now: datetime) -> Finding:
    try:
        identity = read_identity(certificate, key, ca)
        if key.stat().st_mode & 0o007:
            return Finding("certificate", "missing", f"everybody can read the key in {key}", f"chmod o= {key}")
    except OSError as error:
        found = f"{error.filename}: cannot be read ({(error.strerror or 'error').lower()})"
        return Finding("certificate", "missing", found, f"run this as root; if it is not there, {_ANEW}")
    except IdentityError as error:
        return Finding("certificate", "missing", str(error), _ANEW)
    return _judged(identity, kiosk, now)


def _judged(identity: Identity, kiosk: str, now: datetime) -> Finding:
    until = f"good until {identity.until:%Y-%m-%d}"
    if now > identity.until:
        return Finding("certificate", "missing", f"expired on {identity.until:%Y-%m-%d}", _ANEW)
    try:
        identity.check(kiosk, now)
    except IdentityError as error:
        return Finding("certificate", "missing", f"of {identity.kiosk or 'nobody'}: {error}", _ANEW)
    if identity.is_due(now):
        step = "systemctl start kiosk-renew; then journalctl -u kiosk-renew says why it was not renewed"
        return Finding("certificate", "warning", f"{until}, and due for the next one", step)
    return Finding("certificate", "ok", f"{identity.kiosk}, {until}")


def _centre(file: Path) -> Finding:
    try:
        keys = load_centre_keys(file).values()
    except ConfigError as error:
        return Finding("centre", "missing", str(error), "correct that file, or provision anew: docs/provision.md")
    may = sorted({str(permission) for key in keys for permission in key.may})
    if Permission.STORE not in may:
        step = "add the key of the centre's consumers: docs/configure.md"
        return Finding("centre", "missing", "no key may say that events are stored: none is ever done with", step)
    return Finding("centre", "ok", f"keys: {len(keys)}; among them they may {', '.join(may)}")
