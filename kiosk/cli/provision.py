"""`kiosk provision`: from one code to a kiosk that the centre knows; `--renew` for its next certificate."""

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.adapters import provisioning_line as line
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.identity import Identity, IdentityError, IdentityFolder, Service, certificate_of, request_for
from kiosk.adapters.provisioned import Broker, Provisioned, SettingsFiles
from kiosk.adapters.provisioning_line import ServiceError
from kiosk.adapters.settings_edit import SettingsEditError
from kiosk.cli.output import APPLIANCE, DONE, NEGATIVE, USAGE, CommandError, print_json
from kiosk.toml_file import ConfigError
from kiosk.verify import claim as claims
from kiosk.verify.claim import Claim, ClaimError

_FOLDER = Path("/var/lib/kiosk-bridge")
_ASK_ANEW = "ask the centre for a new code"
_SENTENCES = {
    "unreachable": "the provisioning service does not answer; check the network, then run this again",
    "cut_short": "the service's answer was cut short; run this again, the code is still good for this kiosk",
    "unavailable": "the service cannot answer now; run this again in a few minutes",
    "busy": "the service is asked too often from here; run this again in a few minutes",
    "clock": "the service's certificate is not valid by this kiosk's clock; set the clock, then run this again",
    "tls": "the service cannot prove that it is the one of this code; check the network, or ask the centre",
    "wrong_ca": f"another service than the one of this code answers; do not use this network, or {_ASK_ANEW}",
    "nonsense": "what answers is no provisioning service; check address and network, or ask the centre",
    "unknown_token": f"the service does not know this code; {_ASK_ANEW}",
    "expired": f"this code has expired; {_ASK_ANEW}",
    "used": f"another device has used this code; tell the centre, which can withdraw it, and {_ASK_ANEW}",
    "renewed": "another device has this kiosk's key and has renewed its certificate; tell the centre to withdraw it",
    "revoked": f"the centre has withdrawn this kiosk's certificate; {_ASK_ANEW}",
    "not_ours": f"the service does not know this kiosk's certificate; {_ASK_ANEW}",
    "too_many": "this kiosk has asked for too many certificates today; run this again tomorrow",
    "request": "the service does not understand this kiosk; update one of the two",
}
_NEGATIVE = frozenset({"unknown_token", "expired", "used", "renewed", "revoked", "not_ours", "too_many"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "code", nargs="?", metavar="CODE", help="a picture of the code, a .txt file, or - for standard input"
    )
    parser.add_argument(
        "--config", type=Path, default=Path("/etc/kiosk/kiosk.toml"), metavar="FILE",
        help="settings to change (default /etc/kiosk/kiosk.toml)",
    )  # fmt: skip
    parser.add_argument(
        "--into", type=Path, default=_FOLDER, metavar="FOLDER", help=f"for key and certificate (default {_FOLDER})"
    )
    parser.add_argument("--renew", action="store_true", help="get the next certificate, if it is time for it")
    parser.add_argument("--early", action="store_true", help="with --renew: even if it is not yet time")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    """Provision, or renew."""
    if options.renew == (options.code is not None) or (options.early and not options.renew):
        raise CommandError("give either a code or --renew; `kiosk provision --help` shows how")
    folder = IdentityFolder(options.into)
    try:
        if options.renew:
            return _renew(folder, options)
        claim = _claim(options.code)
        options.into.mkdir(mode=0o700, exist_ok=True)
        with folder.held():
            return _provision(claim, folder, options)
    except ServiceError as error:
        raise CommandError(_SENTENCES[error.code], NEGATIVE if error.code in _NEGATIVE else APPLIANCE) from None
    except (ConfigError, SettingsEditError) as error:
        raise CommandError(str(error)) from None
    except IdentityError as error:
        raise CommandError(str(error), APPLIANCE) from None
    except OSError as error:
        root = "" if os.geteuid() == 0 else "; writing there needs root: sudo /opt/kiosk/venv/bin/kiosk provision …"
        what = error.filename or options.into
        raise CommandError(f"{what}: {(error.strerror or 'cannot be used').lower()}{root}", USAGE) from None


# The first time


def _provision(claim: Claim, folder: IdentityFolder, options: argparse.Namespace) -> int:
    """Take these steps, each of which may be the last one before a power cut; the command is then run again.

    1. Look whether this kiosk may take the name. 2. Make the key and put it on the disk. 3. Ask. 4. Check all that
    came, before anything is in force. 5. Write the identity. 6. Write who may command, and the settings: until then
    the kiosk goes by what it had. 7. Forget the key's second copy.
    """
    files = SettingsFiles(options.config)
    files.check_name(claim.kiosk)
    name = line.claim_name(claim)
    key = folder.key_of_claim(name)
    ca = line.pinned_authority(claim)
    answer = line.enrol(claim, ca.public_bytes(Encoding.PEM).decode(), request_for(key))
    identity = Identity(certificate_of(_text(answer, "certificate").encode()), key, ca)
    identity.check(claim.kiosk, SystemClock().now())
    try:
        files.prepare(_told(answer, claim, folder))
        folder.install(identity, Service(claim.host, claim.port, claim.kiosk, name))
        files.put_in_place()
    finally:
        files.tidy()
    folder.forget_pending()
    if not options.json:
        print(f"{claim.kiosk} is provisioned, its certificate good until {identity.until:%Y-%m-%d}")
        print("next: sudo systemctl restart kiosk.target")
    return _done("provisioned", identity, options)


def _claim(name: str) -> Claim:
    """Read the code, whoever made it. Raises CommandError."""
    texts = [_given(name)] if name == "-" or name.lower().endswith(".txt") else _pictured(Path(name))
    for text in texts:
        with contextlib.suppress(ClaimError):
            return claims.decode(text)
    raise CommandError(f"'{name[:80]}' holds no provisioning code, which begins with {claims.PREFIX}")


def _given(name: str) -> str:
    """Return one line of standard input or of a file. Not stripped of spaces: a code may end in one."""
    try:
        if name == "-":
            return sys.stdin.readline(claims.MAX_TEXT + 2).rstrip("\r\n")
        with Path(name).open(encoding="ascii", errors="replace") as file:
            return file.readline(claims.MAX_TEXT + 2).rstrip("\r\n")
    except OSError as error:
        raise CommandError(f"{name}: cannot be read ({(error.strerror or 'error').lower()})") from None


def _pictured(path: Path) -> list[str]:
    from kiosk.vision.pictures import PictureError, read_file

    try:
        return [code.text for code in read_file(path).codes]
    except PictureError as error:
        raise CommandError(str(error)) from None


def _told(answer: dict[str, Any], claim: Claim, folder: IdentityFolder) -> Provisioned:
    match answer:
        case {
            "kiosk": claim.kiosk,
            "broker": {"host": str() as host, "port": int() as port, "version": 5 | 311 as version},
            "centre_keys": str() as keys,
        }:
            broker = Broker(host, port, version)
            return Provisioned(claim.kiosk, broker, folder.ca_file.resolve(), folder.identity_file.resolve(), keys)
        case _:
            raise ServiceError("nonsense")


# From then on


def _renew(folder: IdentityFolder, options: argparse.Namespace) -> int:
    """Get the next certificate for a new key, with the one of now as proof, and put both in its place at once."""
    try:
        with folder.held():
            identity, service = folder.read(), folder.service()
            now = SystemClock().now()
            if now > identity.until:
                raise IdentityError(f"this kiosk's certificate has expired; {_ASK_ANEW}")
            if not identity.is_due(now) and not options.early:
                return _done("kept", identity, options)
            key = folder.next_key(identity)
            ca = identity.ca.public_bytes(Encoding.PEM).decode()
            answer = line.renew(service.host, service.port, ca, folder.identity_file, request_for(key))
            renewed = Identity(certificate_of(_text(answer, "certificate").encode()), key, identity.ca)
            renewed.check(service.kiosk, now)
            folder.install(renewed)
            folder.forget_pending()
    except FileNotFoundError:
        raise CommandError(f"{folder.folder} holds no certificate; provision this kiosk first") from None
    return _done("renewed", renewed, options)


def _text(answer: dict[str, Any], key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str):
        raise ServiceError("nonsense")
    return value


def _done(what: str, identity: Identity, options: argparse.Namespace) -> int:
    if options.json:
        print_json({"outcome": what, "kiosk": identity.kiosk, "until": identity.until.isoformat()})
    elif what != "provisioned":
        print(f"{identity.kiosk}: certificate {what}, good until {identity.until:%Y-%m-%d}")
    return DONE
