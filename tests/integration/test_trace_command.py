"""`kiosk trace` and `kiosk export` as people use them, and what the health authority reads of it."""

import base64
import json
from datetime import UTC

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.lookups import Inbox
from kiosk.cli import main
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.testing.clock import FakeClock
from kiosk.testing.guest_book import ANH, BINH, GuestBook


@pytest.fixture
def world(tmp_path):
    """A kiosk's folder, whose keys belong to an authority of its own."""
    return make_world(tmp_path / "kiosk", make_issuers(SystemClock().now()), Choices(), 18831)


@pytest.fixture
def book(world):
    """Two people were here at the same time this morning, and one the day before."""
    book = GuestBook(world.journal.parent, FakeClock(SystemClock().now().replace(hour=3, tzinfo=UTC)))
    book.admit(ANH, minutes=24 * 60)
    book.admit(ANH, minutes=30)
    book.admit(BINH, "8")
    book.close()
    return book


@pytest.fixture
def command(world, book, capsys):
    def call(*words):
        status = main([*map(str, words), "--config", str(world.config)])
        return status, capsys.readouterr()

    return call


def words_left(world):
    folder = world.journal.parent / "lookups"
    return [
        {key: value for key, value in draft.data.items() if key in ("what", "seq", "why", "last")}
        for _, draft in Inbox(folder).waiting()
    ]


def test_a_trace_says_who_was_here_at_the_same_time_and_leaves_word_of_it(command, world):
    status, said = command("trace", 2, "--why", "authority", "--json")
    answer = json.loads(said.out)
    assert (status, answer["count"], answer["unnamed"]) == (0, 1, 0)
    assert [(one["number"], one["shared_seconds"]) for one in answer["contacts"]] == [(3, 1800)]
    assert words_left(world) == [{"what": "trace", "seq": 2, "why": "authority"}]


def test_people_see_times_and_no_names(command):
    status, said = command("trace", 2, "--why", "incident")
    assert status == 0
    assert "others who were here at the same time: 1; nobody can name of them: 0" in said.out
    assert "Bình" not in said.out


def test_the_authority_reads_the_names_and_nobody_else(command, world, book, tmp_path):
    status, said = command("trace", 2, "--why", "authority", "--out", tmp_path, "--json")
    (file, *_) = json.loads(said.out)["files"]
    assert (status, "Bình" in (tmp_path / file).read_text()) == (0, False)
    key = tmp_path / "authority.secret"
    binh = {"family_name": "Trần Văn", "given_name": "Bình"}
    for secret, person in ((bytes(book.authority), binh), (b"x" * 32, None)):
        key.write_bytes(base64.b64encode(secret) + b"\n")
        status, said = command("trace", "--open", tmp_path / file, "--key", key, "--json")
        assert [one["person"] for one in json.loads(said.out)["contacts"]] == [person]
        assert status == (0 if person else 1)
    status, said = command("trace", "--open", tmp_path / file, "--key", key)
    assert "contacts: 1; by name: 0" in said.out


@pytest.mark.parametrize(("words", "status", "sentence"), [
    (["99", "--why", "authority"], 1, "none of them is an admission that can be traced"),
    (["2"], 2, "with --why the reason"),
    (["--why", "authority"], 2, "name the admissions' numbers"),
    (["two", "--why", "authority"], 2, "'two' is no number of an event"),
    (["2", "--why", "curiosity"], 2, "invalid choice: 'curiosity'"),
    (["2", "--why", "authority", "--margin", "1441"], 2, "'1441' are no minutes; write 0 to 1440"),
    (["2", "--why", "authority", "--out", "/nowhere/at/all"], 3, "there is no such folder"),
    (["--open", "/nowhere"], 2, "--open is for a file and --key"),
    ([*map(str, range(1, 52)), "--why", "authority"], 2, "at most 50 visits"),
])  # fmt: skip
def test_what_cannot_be_done_is_said_in_a_sentence(command, words, status, sentence):
    found, said = command("trace", *words)
    assert (found, sentence in said.err, said.out, said.err.count("\n")) == (status, True, "", 1)


@pytest.mark.parametrize("content", [
    b"", b"[]", b"{}", b'{"contacts": [7]}', b'{"contacts": [{"number": 1}]}', b"[" * 9999,
])  # fmt: skip
def test_what_is_no_trace_is_not_opened(command, tmp_path, content):
    file, key = tmp_path / "trace.json", tmp_path / "key"
    file.write_bytes(content)
    key.write_bytes(b"A" * 43 + b"=\n")
    status, said = command("trace", "--open", file, "--key", key)
    assert (status, "is no trace" in said.err) == (2, True)


def test_what_is_no_key_is_said_without_showing_it(command, tmp_path):
    file, key = tmp_path / "trace.json", tmp_path / "key"
    file.write_text('{"contacts": []}')
    key.write_bytes(b"secret words")
    status, said = command("trace", "--open", file, "--key", key)
    assert (status, "is no secret key" in said.err, "words" in said.err) == (2, True, False)


def test_an_export_has_the_events_of_some_days_and_leaves_word_of_it(command, world, tmp_path):
    status, said = command("export", "--into", tmp_path, "--json")
    answer = json.loads(said.out)
    assert (status, answer["first"], answer["last"], len(answer["files"])) == (0, 1, 3, 4)
    assert words_left(world) == [{"what": "export", "seq": 1, "last": 3}]
    day = SystemClock().now().date()
    status, said = command("export", "--into", tmp_path, "--last", day, "--json")
    assert json.loads(said.out)["last"] == 1


@pytest.mark.parametrize(("words", "status", "sentence"), [
    (["--first", "2020-01-02", "--last", "2020-01-01"], 2, "the last day comes before the first"),
    (["--last", "2020-01-01"], 1, "there are no events of those days"),
    (["--first", "yesterday"], 2, "'yesterday' is no day"),
])  # fmt: skip
def test_what_cannot_be_exported_is_said_in_a_sentence(command, tmp_path, words, status, sentence):
    found, said = command("export", "--into", tmp_path, *words)
    assert (found, sentence in said.err, said.err.count("\n")) == (status, True, 1)


def test_a_folder_that_is_not_there_is_named(command):
    status, said = command("export", "--into", "/nowhere")
    assert (status, "/nowhere: there is no such folder" in said.err) == (3, True)
