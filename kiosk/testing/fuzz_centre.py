"""What the centre's documents hold, for the fuzzer: a signature that is good says nothing of what is under it."""

from kiosk.config import ConfigError, check_settings
from kiosk.domain.document import DocumentKind
from kiosk.results_file import read_results
from kiosk.roster_file import read_roster
from kiosk.testing.centre_documents import document
from kiosk.testing.fuzz_target import Target
from kiosk.verify.document import DocumentError, pack, unpack

_SETTINGS = b"""[door]
longer_for = ["slow"]
held_ms = 30000
[camera]
exposure_ms = [2.0, 8.0]
[screen]
language = "en"
"""
_ROSTER = b"""[[member]]
person = "s-1"
group = "g"
zones = ["lobby"]
begins = 2026-01-01
ends = 2026-02-01
key = "%s"
""" % (b"ab" * 32)
_RESULTS = b'[[result]]\nsample = "TUBE-0001"\noutcome = "negative"\nat = 2026-07-05T09:00:00Z\nshow = "kiosk"\n'
_DANGEROUS = b'[trust]\naccept_stale_DANGEROUS = ["x"]\n[mqtt]\nhost = "h"\n'


def _documents() -> list[bytes]:
    policy = {"policy.toml": b"", "rules/one.json": b"{}"}
    return [pack(document(DocumentKind.POLICY, 7, policy)), pack(document(DocumentKind.ROSTER, 1, _ROSTER))]


def _document(data: bytes) -> object:
    found = unpack(data)
    if unpack(pack(found)) != found:
        raise AssertionError("what is packed is not what was read")
    return found


TABLE = (
    Target("document", _document, (DocumentError,), _documents),
    Target("roster.toml", lambda data: read_roster(data, "x"), (ConfigError,), lambda: [_ROSTER]),
    Target("results.toml", lambda data: read_results(data, "x"), (ConfigError,), lambda: [_RESULTS]),
    Target("settings.toml", lambda data: check_settings(data, "x"), (ConfigError,), lambda: [_SETTINGS, _DANGEROUS]),
)
