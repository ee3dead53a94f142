"""What a kiosk keeps of the centre's documents, for people, machines and the doctor."""

import json

import pytest

from kiosk.adapters.document_store import DocumentStore
from kiosk.cli import main
from kiosk.cli.doctor_documents import documents
from kiosk.config import load_own
from kiosk.domain.document import DocumentKind
from kiosk.testing.centre_documents import ALL_KINDS, KITCHEN, OFFICE, OWN_SETTINGS, document, signed
from kiosk.testing.centre_keys import write_centre_keys


@pytest.fixture
def kept(tmp_path, capsys):
    """Return a function that lists what is kept, with the exit status."""
    (tmp_path / "kiosk.toml").write_text(OWN_SETTINGS)
    write_centre_keys(tmp_path, {"office": (OFFICE, ALL_KINDS)})

    def call(*more):
        status = main(["command", "documents", "--config", str(tmp_path / "kiosk.toml"), *more])
        return status, capsys.readouterr().out

    return call


def store(tmp_path, kind, version, content=b"", key=OFFICE):
    DocumentStore(tmp_path / "state" / "documents").store(kind, signed(document(kind, version, content), key))


def test_a_kiosk_without_any_says_so(kept, tmp_path):
    status, out = kept()
    assert (status, "nothing from the centre" in out) == (0, True)
    assert list(documents(load_own(tmp_path / "kiosk.toml"))) == list(documents(None)) == []


def test_each_kind_is_told_with_its_version_and_what_does_not_count(kept, tmp_path):
    store(tmp_path, DocumentKind.DENY, 7)
    store(tmp_path, DocumentKind.SETTINGS, 3, b"[gate]\npulse_ms = 4000\n")
    assert kept("--json")[0] == 0
    store(tmp_path, DocumentKind.ROSTER, 9, key=KITCHEN)
    status, out = kept("--json")
    assert status == 1
    assert [(one["kind"], one["state"], one["version"], one["by"]) for one in map(json.loads, out.splitlines())] == [
        ("settings", "on trial", 3, "office"), ("deny", "in force", 7, "office"), ("roster", "unusable", None, None),
    ]  # fmt: skip
    assert "deny" in kept()[1]
    good, bad = documents(load_own(tmp_path / "kiosk.toml"))
    assert (good.state, good.found) == ("ok", "from the centre: settings 3 (on trial), deny 7")
    assert (bad.state, bad.found) == ("warning", "kept and not in force: roster (unusable)")
