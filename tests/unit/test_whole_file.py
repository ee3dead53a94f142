import os

import pytest

from kiosk.whole_file import write_whole


def test_a_file_is_replaced_whole_and_gets_its_mode(tmp_path):
    path = tmp_path / "key"
    path.write_text("old, and longer than what comes")
    write_whole(path, b"new", mode=0o640)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert [one.name for one in tmp_path.iterdir()] == ["key"]


def test_what_a_power_cut_left_is_no_obstacle(tmp_path):
    (tmp_path / ".key.draft").write_text("half")
    write_whole(tmp_path / "key", b"new")
    assert (tmp_path / "key").read_bytes() == b"new"


def test_a_link_that_somebody_put_there_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (tmp_path / ".key.draft").symlink_to(victim)
    (tmp_path / "key").symlink_to(victim)
    write_whole(tmp_path / "key", b"new")
    assert (victim.read_text(), (tmp_path / "key").is_symlink()) == ("kept", False)


def test_where_nothing_can_be_written_the_old_file_stays(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        write_whole(tmp_path / "nowhere" / "key", b"new")


def test_an_owner_is_given(tmp_path):
    write_whole(tmp_path / "key", b"new", owner=(os.geteuid(), os.getegid()))
    assert (tmp_path / "key").stat().st_uid == os.geteuid()
