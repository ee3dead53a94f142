"""Word to the service manager: said if it listens, and never waited for."""

import socket

import pytest

from kiosk.api.notify import notify


@pytest.fixture
def manager(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield manager


def test_it_is_said(manager):
    notify("READY=1")
    assert manager.recv(64) == b"READY=1"


def test_a_manager_that_does_not_read_is_not_waited_for(manager):
    for _ in range(2_000):  # far more than a socket holds
        notify("WATCHDOG=1")
    assert manager.recv(64) == b"WATCHDOG=1"


def test_without_a_manager_nothing_happens(monkeypatch, tmp_path):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("READY=1")
