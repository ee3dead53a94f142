"""What the service remembers, in SQLite: claims by the hash of their token, and every certificate.

`synchronous=FULL`: a certificate is on record before anybody has it. Times are whole seconds since 1970.
"""

import contextlib
import hashlib
import hmac
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509

from mqtt_bridge.topics import KioskAddress, TopicError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS kiosks (name TEXT PRIMARY KEY, address TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS claims (
    token_sha256 BLOB PRIMARY KEY, address TEXT NOT NULL, made_at INTEGER NOT NULL, until INTEGER NOT NULL,
    used_at INTEGER, serial TEXT REFERENCES certificates (serial)
) STRICT;
CREATE TABLE IF NOT EXISTS certificates (
    serial TEXT PRIMARY KEY, address TEXT NOT NULL, key_sha256 BLOB NOT NULL, pem TEXT NOT NULL,
    issued_at INTEGER NOT NULL, not_after INTEGER NOT NULL, revoked_at INTEGER, why TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS certificates_by_address ON certificates (address, issued_at);
"""
Why = Literal["unknown_token", "expired", "used", "revoked", "too_many", "not_ours", "request"]


class LedgerError(ValueError):
    """The ledger cannot be used, or not for that. The text is one sentence that says what to do next."""


class Refusal(Exception):  # noqa: N818 - an answer to a kiosk, not a fault
    """A kiosk does not get what it asks for; `why` is the code that it is told."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate on record."""

    serial: str
    """Hexadecimal."""
    address: str
    key_sha256: bytes
    """Of the public key (SubjectPublicKeyInfo)."""
    pem: str
    issued_at: int
    not_after: int
    revoked_at: int | None = None
    why: str = ""

    @classmethod
    def of(cls, certificate: x509.Certificate, address: str, key_sha256: bytes, pem: str, now: int) -> "Issued":
        """Return the entry of a new certificate."""
        not_after = int(certificate.not_valid_after_utc.timestamp())
        return cls(f"{certificate.serial_number:x}", address, key_sha256, pem, now, not_after)


@dataclass(frozen=True, slots=True)
class ClaimEntry:
    """A claim on record, without its token."""

    address: str
    until: int
    used_at: int | None


def _hash(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


class Ledger:
    """One file. Every method is a transaction of its own, over a connection of its own: threads may share it."""

    def __init__(self, file: Path) -> None:
        """Open the file, or make it. Raises LedgerError where it cannot be used."""
        self._file = file
        try:
            file.touch(mode=0o600)
            with self._transaction() as database:
                database.executescript(_SCHEMA)
        except (OSError, sqlite3.Error):
            raise LedgerError(f"{file} cannot be used as the ledger; check the disk, or restore your copy") from None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self._file, timeout=10, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = FULL")
            database.execute("BEGIN IMMEDIATE")
            with database:
                yield database

    def claim(self, token: bytes, address: KioskAddress, now: int, until: int) -> None:
        """Note that whoever shows this token is that kiosk.

        Raises LedgerError where another tenant's or site's kiosk has its name: brokers know kiosks by it alone.
        """
        place = f"{address.tenant}/{address.site}/{address.kiosk}"
        with self._transaction() as database:
            database.execute("INSERT OR IGNORE INTO kiosks VALUES (?, ?)", (address.kiosk, place))
            ((taken,),) = database.execute("SELECT address FROM kiosks WHERE name = ?", (address.kiosk,))
            if taken != place:
                raise LedgerError(f"{address.kiosk} is the name of {taken} already; give this kiosk another one")
            database.execute(
                "INSERT INTO claims (token_sha256, address, made_at, until) VALUES (?, ?, ?, ?)",
                (_hash(token), place, now, until),
            )

    def enrol(
        self, token: bytes, key_sha256: bytes, now: int, issue: Callable[[KioskAddress], Issued]
    ) -> tuple[Issued, bool]:
        """Return the certificate of who shows a token, made by `issue` the first time, and whether it is new.

        Whoever asks again with the same key gets the same one: the answer may have been lost. What the kiosk had
        before is withdrawn. Raises Refusal: unknown_token, expired, used, revoked.
        """
        with self._transaction() as database:
            found = database.execute(
                "SELECT address, until, serial FROM claims WHERE token_sha256 = ?", (_hash(token),)
            ).fetchone()
            if found is None:
                raise Refusal("unknown_token")
            place, until, serial = found
            if serial is not None:
                return _same(_entry(database, serial), key_sha256), False
            if now > until:
                raise Refusal("expired")
            database.execute(
                "UPDATE certificates SET revoked_at = ?, why = 'superseded' WHERE address = ? AND revoked_at IS NULL",
                (now, place),
            )
            issued = issue(KioskAddress(*place.split("/")))
            _add(database, issued)
            database.execute(
                "UPDATE claims SET used_at = ?, serial = ? WHERE token_sha256 = ?", (now, issued.serial, _hash(token))
            )
            return issued, True

    def renew(
        self, serial: str, key_sha256: bytes, now: int, issue: Callable[[KioskAddress], Issued], *, most_a_day: int
    ) -> Issued:
        """Return the next certificate of the kiosk that has proved to hold that one; the same one for the same key.

        Raises Refusal: not_ours, revoked, too_many.
        """
        with self._transaction() as database:
            proof = _find(database, serial)
            if proof is None:
                raise Refusal("not_ours")
            if proof.revoked_at is not None:
                raise Refusal("revoked")
            newest = [
                Issued(*row)
                for row in database.execute(
                    "SELECT * FROM certificates WHERE address = ? AND issued_at > ? ORDER BY issued_at DESC",
                    (proof.address, now - 86_400),
                )
            ]
            for one in newest:
                if one.key_sha256 == key_sha256 and one.revoked_at is None:
                    return one
            if len(newest) >= most_a_day:
                raise Refusal("too_many")
            issued = issue(KioskAddress(*proof.address.split("/")))
            _add(database, issued)
            return issued

    def revoke(self, what: str, now: int) -> int:
        """Withdraw all certificates of `TENANT/SITE/KIOSK`, or the one with this serial number, and open claims.

        Returns how many certificates.
        """
        with self._transaction() as database:
            database.execute("UPDATE claims SET until = 0 WHERE address = ? AND used_at IS NULL", (what,))
            return database.execute(
                "UPDATE certificates SET revoked_at = ?, why = 'withdrawn' "
                "WHERE (address = ? OR serial = ?) AND revoked_at IS NULL",
                (now, what, what.lower()),
            ).rowcount

    def revoked(self, now: int) -> list[tuple[int, int]]:
        """Return serial number and time of what is withdrawn and would still be valid."""
        with self._transaction() as database:
            rows = database.execute(
                "SELECT serial, revoked_at FROM certificates WHERE revoked_at IS NOT NULL AND not_after >= ?", (now,)
            )
            return [(int(serial, 16), at) for serial, at in rows]

    def certificates(self) -> list[Issued]:
        """Return every certificate on record, the newest of each kiosk first."""
        with self._transaction() as database:
            rows = database.execute("SELECT * FROM certificates ORDER BY address, issued_at DESC, rowid DESC")
            return [Issued(*row) for row in rows]

    def kiosks(self, now: int) -> list[KioskAddress]:
        """Return who has a certificate that is good, or a claim to get one."""
        with self._transaction() as database:
            rows = database.execute(
                "SELECT address FROM certificates WHERE revoked_at IS NULL AND not_after >= ?1 "
                "UNION SELECT address FROM claims WHERE used_at IS NULL AND until >= ?1 ORDER BY address",
                (now,),
            )
            return [KioskAddress(*place.split("/")) for (place,) in rows]

    def claims(self) -> list[ClaimEntry]:
        """Return every claim on record."""
        with self._transaction() as database:
            rows = database.execute("SELECT address, until, used_at FROM claims ORDER BY address, made_at")
            return [ClaimEntry(*row) for row in rows]


def _find(database: sqlite3.Connection, serial: str) -> Issued | None:
    row = database.execute("SELECT * FROM certificates WHERE serial = ?", (serial,)).fetchone()
    return None if row is None else Issued(*row)


def _entry(database: sqlite3.Connection, serial: str) -> Issued:
    found = _find(database, serial)
    if found is None:
        raise LedgerError("the ledger has a claim without its certificate; restore your copy")
    return found


def _same(issued: Issued, key_sha256: bytes) -> Issued:
    if not hmac.compare_digest(issued.key_sha256, key_sha256):
        raise Refusal("used")
    if issued.revoked_at is not None:
        raise Refusal("revoked")
    return issued


def _add(database: sqlite3.Connection, one: Issued) -> None:
    database.execute(
        "INSERT INTO certificates VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (one.serial, one.address, one.key_sha256, one.pem, one.issued_at, one.not_after, one.revoked_at, one.why),
    )


def address_of(text: str) -> KioskAddress:
    """Read `TENANT/SITE/KIOSK`. Raises LedgerError."""
    try:
        tenant, site, kiosk = text.split("/")
        return KioskAddress(tenant, site, kiosk)
    except (TopicError, ValueError):
        raise LedgerError(f"'{text[:40]}' is no kiosk; write TENANT/SITE/KIOSK, of a to z, 0 to 9 and -") from None
