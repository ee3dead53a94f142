"""`kiosk trust`, as a person or a script uses it."""

import json
from datetime import timedelta

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.keys import make_signer, write_signer
from kiosk.cli import main
from kiosk.domain.trust import Algorithm

NOW = SystemClock().now()
LATER = (NOW + timedelta(days=40)).isoformat()


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A folder with the keys of a venue and of two desks."""
    monkeypatch.chdir(tmp_path)
    for name in ("venue", "desk", "bar"):
        write_signer(make_signer(name.title(), Algorithm.ED25519, NOW), tmp_path / name)
    return tmp_path


@pytest.fixture
def kiosk(shop, capsys):
    """Run a command; return its status and what it said."""

    def run(*words):
        status = main(["trust", *map(str, words)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return status, said.out, said.err

    return run


MAKE = ("make", "--audience", "*")


def make(kiosk, version, *more):
    words = ("--origin", "venue", "--key", "venue.key.pem", "--out", f"v{version}.cose", "--version", version)
    assert kiosk(*MAKE, *words, *more)[0] == 0
    return f"v{version}.cose"


def take(kiosk, file, *more):
    return kiosk("import", file, "--key", "venue.pem", "--into", "trust", *more)


def rows(out):
    return [json.loads(line) for line in out.splitlines()]


def test_make_import_list_check_age(kiosk):
    assert take(kiosk, make(kiosk, 1, "--anchors", "desk.pem"))[0] == 0
    assert kiosk("import", "bar.pem", "--name", "bar", "--into", "trust")[0] == 0
    status, out, _ = kiosk("list", "trust", "--json")
    assert status == 0
    assert [(row["name"], row["keys"], row["issuers"]) for row in rows(out)] == [
        ("bar", 1, {"Bar": 1}), ("venue", 1, {"Desk": 1}),
    ]  # fmt: skip
    assert "Desk 1" in kiosk("list", "trust")[1]
    assert kiosk("check", "trust")[0] == kiosk("age", "trust")[0] == 0


def test_every_key_can_be_listed(kiosk, shop):
    take(kiosk, make(kiosk, 1, "--anchors", "desk.pem", "--anchors", "bar.pem"))
    (row,) = rows(kiosk("list", "trust", "--keys", "--json")[1])
    assert [key["issuer"] for key in row["anchors"]] == ["Desk", "Bar"]
    assert row["anchors"][0]["key_id"] in kiosk("list", "trust", "--keys")[1]


def test_an_older_document_is_refused_with_status_1_and_one_sentence(kiosk):
    old, new = make(kiosk, 1), make(kiosk, 2)
    assert take(kiosk, new)[0] == 0
    status, out, err = take(kiosk, old)
    assert (status, out, len(err.splitlines())) == (1, "", 1)
    assert rows(take(kiosk, new, "--json")[1]) == [{"imported": False}]
    assert "no younger" in take(kiosk, new)[1]


def test_stale_sources_are_told_by_age_and_check(kiosk):
    take(kiosk, make(kiosk, 1, "--anchors", "desk.pem"))
    for command in ("age", "check"):
        assert kiosk(command, "trust", "--at", LATER)[0] == 1
    assert "more than 30" in kiosk("age", "trust", "--at", LATER)[1]
    assert rows(kiosk("age", "trust", "--at", LATER, "--json")[1])[0]["stale"] is True
    assert kiosk("age", "trust", "--at", "2020-01-01")[0] == 1, "an import that is yet to come has no known age"


def test_check_says_what_will_soon_be_wrong(kiosk):
    take(kiosk, make(kiosk, 1, "--anchors", "desk.pem", "--max-age", 700))
    status, out, _ = kiosk("check", "trust", "--max-age", 3650, "--at", (NOW + timedelta(days=695)).isoformat())
    assert (status, "out of date in a week" in out) == (0, True)
    status, out, _ = kiosk("check", "trust", "--max-age", 3650, "--at", (NOW + timedelta(days=715)).isoformat())
    assert (status, "rotate it" in out) == (1, True)
    assert "there is no key in it" in (take(kiosk, make(kiosk, 2)), kiosk("check", "trust"))[1][1]


def test_check_says_what_is_damaged_and_what_is_gone(kiosk, shop):
    take(kiosk, make(kiosk, 1, "--anchors", "desk.pem"))
    kiosk("import", "bar.pem", "--name", "bar", "--into", "trust")
    (shop / "trust" / "bar.trust").unlink()
    status, out, _ = kiosk("check", "trust")
    assert (status, "bar: was imported here once" in out) == (0, True)
    assert rows(kiosk("check", "trust", "--json")[1])[-1]["name"] == "bar"
    with (shop / "trust" / "venue.trust").open("ab") as file:
        file.write(b"x")
    assert kiosk("check", "trust")[0] == kiosk("list", "trust")[0] == kiosk("age", "trust")[0] == 1
    assert "damaged" in rows(kiosk("list", "trust", "--json")[1])[0]["problem"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("import", "gone.json", "--into", "trust"), "cannot be read"),
        (("import", "note.txt", "--into", "trust"), "--from"),
        (("import", "note.txt", "--from", "dcc", "--name", "a", "--into", "trust"), "key of who signed it"),
        (("import", "note.txt", "--from", "carrots", "--name", "a", "--into", "trust"), "it is one of"),
        (("import", "bar.pem", "--name", "Bar", "--into", "trust"), "--name"),
        (("import", "bar.pem", "--name", "bar", "--into", "note.txt"), "cannot be written"),
        (("list", "gone"), "no such file"),
        (("age", "trust", "--max-age", "0"), "days"),
        ((*MAKE, "--origin", "A", "--key", "venue.key.pem", "--out", "x"), "small letters"),
        (("make", "--origin", "a", "--key", "venue.key.pem", "--out", "x"), "--audience"),
        (("make", "--origin", "a", "--audience", "hanoi", "--key", "v", "--out", "x"), "names no kiosks"),
        ((*MAKE, "--origin", "a", "--key", "gone.key.pem", "--out", "x"), "cannot be read"),
        ((*MAKE, "--origin", "a", "--key", "venue.key.pem", "--out", "x", "--version", "0"), "version"),
        ((*MAKE, "--origin", "a", "--key", "venue.key.pem", "--out", "gone/x"), "cannot be written"),
        ((*MAKE, "--origin", "a", "--key", "venue.key.pem", "--out", "x", "--revoke-key", "xy"), "hex"),
        ((*MAKE, "--origin", "a", "--key", "venue.key.pem", "--out", "x", "--anchors", "gone"), "no such file"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(kiosk, shop, words, sentence):
    (shop / "note.txt").write_text("nothing of trust")
    status, out, err = kiosk(*words)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert sentence in err


def test_a_key_is_rotated_and_the_old_one_revoked(kiosk, shop, capsys):
    take(kiosk, make(kiosk, 1, "--anchors", "desk.pem"))
    main(["issue", "pass", "--key", "desk.key.pem", "--subject", "x", "--json"])
    text = json.loads(capsys.readouterr().out)["text"]

    def verdict():
        main(["verify", "--text", text, "--trust", "trust", "--json"])
        answer = json.loads(capsys.readouterr().out)
        return answer["verdict"], answer["reasons"]

    assert verdict() == ("valid", [])
    take(kiosk, make(kiosk, 2, "--anchors", "desk.pem", "--anchors", "bar.pem"))
    assert verdict() == ("valid", [])
    take(kiosk, make(kiosk, 3, "--anchors", "bar.pem"))
    assert verdict() == ("unknown_issuer", ["issuer_unknown"])
    (row,) = rows(kiosk("list", "desk.pem", "--keys", "--json")[1])
    old = row["anchors"][0]["key_id"]
    take(kiosk, make(kiosk, 4, "--anchors", "desk.pem", "--revoke-key", old))
    assert verdict() == ("unknown_issuer", ["key_revoked"])


def test_what_is_imported_may_be_read_by_the_account_of_the_gate(kiosk, shop):
    take(kiosk, make(kiosk, 1))
    assert (shop / "trust" / "venue.trust").stat().st_mode & 0o777 == 0o644
