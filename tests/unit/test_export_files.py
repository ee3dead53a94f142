"""Exports: whole, checkable, safe to open in a spreadsheet, and nothing left where they fail."""

import base64
import csv
import hashlib
import io
import json

import pytest
from nacl.public import SealedBox

from kiosk.adapters.export_files import ExportFiles, cell
from kiosk.api.messages import EventRecord
from kiosk.app.books import ExportError
from kiosk.app.tracing import trace
from kiosk.domain.events import EventDraft, EventType
from kiosk.testing.guest_book import BINH, HANOI, GuestBook

REFUSAL = EventDraft(EventType.VISIT_DENIED, data={"reasons": ["expired"]})
WHEN = "20260601T010000Z"


@pytest.fixture
def book(tmp_path):
    (tmp_path / "stick").mkdir()
    book = GuestBook(tmp_path)
    yield book
    book.close()


@pytest.fixture
def stick(book):
    return book.folder / "stick"


def export(book, numbers, **options):
    with book.books() as books:
        return ExportFiles("gate-1", book.clock, HANOI).events(books, book.folder / "stick", numbers, **options)


def table(path):
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def test_an_export_has_a_table_lines_a_manifest_and_sums(book, stick):
    book.admit()
    book.refuse("expired")
    names = export(book, (1, 2))
    folder = stick / f"gate-1-events-1-2-{WHEN}"
    assert names == tuple(f"{folder.name}/{n}" for n in ("events.csv", "events.jsonl", "manifest.json", "SHA256SUMS"))
    assert [path.name for path in stick.iterdir()] == [folder.name]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {key: manifest[key] for key in ("format", "kiosk", "first", "last", "events", "clock")} == {
        "format": "entrance-kiosk export 1", "kiosk": "gate-1", "first": 1, "last": 2, "events": 2, "clock": "synced",
    }  # fmt: skip
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_the_lines_are_the_events_with_what_is_sealed(book, stick):
    book.admit(BINH)
    _, lines, *_ = export(book, (1, 1))
    record = EventRecord.model_validate_json((stick / lines).read_text())
    with book.books() as books:
        assert record.hash == books.event(1).hash
    assert "Bình" not in (stick / lines).read_text()
    opened = json.loads(SealedBox(book.authority).decrypt(base64.b64decode(record.sealed)))
    assert opened == {"family_name": "Trần Văn", "given_name": "Bình"}


def test_the_table_has_the_venues_time_and_begins_with_a_mark_that_spreadsheets_know(book, stick):
    book.refuse("expired")
    names = export(book, (1, 1))
    assert (stick / names[0]).read_bytes().startswith(b"\xef\xbb\xbfnumber,")
    assert table(stick / names[0])[1] == [
        "1", "2026-06-01T08:00:00+07:00", "synced", "visit.denied", "", "", "HC1", "", "expired", "{}",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(book, stick, text):
    assert cell(text) == f"'{text}"
    book.write(EventType.FAULT_RAISED, text, {"format": text, "reasons": [text]})
    names = export(book, (1, 1))
    assert not [one for row in table(stick / names[0]) for one in row if one.startswith(("=", "+", "-", "@", "\t"))]


@pytest.mark.parametrize(("value", "shown"), [('Ánh, "a"\n', 'Ánh, "a"\n'), (7, "7"), ("", "")])
def test_other_cells_stay_as_they_are(value, shown):
    assert cell(value) == shown


def test_a_part_of_the_journal_is_exported_and_progress_is_told(book, stick):
    book.journal.append([REFUSAL] * 1200)
    told = []
    names = export(book, (101, 1150), progress=lambda part, events: told.append((round(part, 2), events)))
    assert told == [(0.48, 500), (0.95, 1000), (1.0, 1050)]
    rows = table(stick / names[0])
    assert (rows[1][0], rows[-1][0], len(rows)) == ("101", "1150", 1051)


def test_a_cancelled_export_leaves_nothing(book, stick):
    book.refuse("expired")
    with pytest.raises(ExportError) as ended:
        export(book, (1, 1), cancelled=lambda: True)
    assert (ended.value.code, list(stick.iterdir())) == ("cancelled", [])


def test_a_stick_that_was_taken_away_is_said_to_be_gone(book, stick):
    book.refuse("expired")
    stick.rmdir()
    with pytest.raises(ExportError) as ended:
        export(book, (1, 1))
    assert ended.value.code == "target_gone"


def test_a_full_stick_says_so_and_is_left_as_it_was(book, stick):
    book.refuse("expired")

    def full(*_):
        raise OSError(28, "No space left on device")

    with pytest.raises(ExportError) as ended:
        export(book, (1, 1), progress=full)
    assert (ended.value.code, list(stick.iterdir())) == ("no_space", [])


def test_what_cannot_be_written_to_says_so(book, stick):
    book.refuse("expired")
    (stick / f".gate-1-events-1-1-{WHEN}").write_text("in the way")
    with pytest.raises(ExportError) as ended:
        export(book, (1, 1))
    assert ended.value.code == "not_writable"


def test_a_trace_for_the_authority_has_numbers_times_and_what_it_alone_opens(book, stick):
    book.admit(minutes=30)
    book.admit(BINH, "8")
    with book.books() as books:
        found = trace(books, [1], margin_s=0, usual_s=3600)
        files = ExportFiles("gate-1", book.clock, HANOI)
        name, *_ = files.trace(books, stick, found, why="authority", margin_min=0)
        sealed = books.event(2).sealed
    said = json.loads((stick / name).read_text())
    assert said["contacts"] == [{
        "number": 2, "begins": "2026-06-01T01:30:00+00:00", "ends": "2026-06-01T02:30:00+00:00", "left": False,
        "shared_seconds": 1800, "sealed": sealed,
    }]  # fmt: skip
    assert [one["number"] for one in said["visits"]] == [1]
    assert (said["kiosk"], said["reason"], said["margin_minutes"]) == ("gate-1", "authority", 0)
    assert not [word for word in ("Ánh", "Bình", "1981") if word in (stick / name).read_text()]
