"""Which document may replace which."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.domain.document import Document, DocumentKind, Newest, is_from_the_future, is_new
from kiosk.domain.trust import CLOCK_SKEW

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)


def document(version, issued_at=NOW):
    return Document(DocumentKind.DENY, frozenset({"*"}), version, issued_at, {"deny.toml": b""})


@pytest.mark.parametrize(("version", "digest", "newest", "new"), [
    (1, b"a", Newest(), True),
    (8, b"b", Newest(7, b"a"), True),
    (7, b"a", Newest(7, b"a"), True),  # the newest itself, whose file was damaged
    (7, b"b", Newest(7, b"a"), False),
    (6, b"a", Newest(7, b"a"), False),
])  # fmt: skip
def test_versions_only_grow_and_a_number_has_one_content(version, digest, newest, new):
    assert is_new(document(version), digest, newest) is new


def test_two_honest_clocks_may_differ_by_a_little():
    assert not is_from_the_future(document(1, NOW + CLOCK_SKEW), NOW)
    assert is_from_the_future(document(1, NOW + CLOCK_SKEW + timedelta(seconds=1)), NOW)


def test_only_a_kind_names_its_file():
    assert [kind.file for kind in DocumentKind] == [
        "policy.toml", "settings.toml", "deny.toml", "roster.toml", "results.toml",
    ]  # fmt: skip
