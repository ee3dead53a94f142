"""Plays sound files by a program of the system, one at a time; the newest takes the place of what is heard.

A process of its own for each file: a sound device that hangs must not stop the screen, and a player that is killed has
no state to repair.
"""

import shutil
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

LONGEST_MS = 20_000
"""After which a player is taken for stuck: no sentence lasts that long."""
State = Literal["off", "ok", "none", "failed"]
"""none: there is no such program, or no device that it could play on."""


class Player(QObject):
    """Plays files in order. `state` says whether the last attempt was heard, as far as the program tells."""

    state_changed = Signal()

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        """Play with `command` and a file's path; an empty command plays nothing."""
        super().__init__(parent)
        self._command = tuple(command)
        self._waiting: deque[Path] = deque()
        self._process: QProcess | None = None
        self.state: State = "off" if not command else "ok" if shutil.which(command[0]) else "none"
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.setInterval(LONGEST_MS)
        self._limit.timeout.connect(self._stuck)

    @property
    def playing(self) -> bool:
        """Tell whether something is heard, or about to be."""
        return self._process is not None or bool(self._waiting)

    def play(self, files: Sequence[Path]) -> bool:
        """Play files one after another in place of what is heard now; return False where one is missing."""
        self.stop()
        if self.state in {"off", "none"}:
            return self.state == "off"
        there = [path for path in files if path.is_file()]
        self._waiting.extend(there)
        self._next()
        return len(there) == len(files)

    def stop(self) -> None:
        """Be silent at once."""
        self._waiting.clear()
        self._limit.stop()
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect()
            process.errorOccurred.disconnect()
            process.kill()
            process.finished.connect(process.deleteLater)
            if process.state() is QProcess.ProcessState.NotRunning:
                process.deleteLater()

    def close(self) -> None:
        """Be silent, and wait until nothing of it runs any more."""
        self.stop()
        for process in self.findChildren(QProcess):
            if process.state() is not QProcess.ProcessState.NotRunning:
                process.waitForFinished(1_000)

    def _next(self) -> None:
        if not self._waiting:
            return
        process = QProcess(self)
        process.setStandardOutputFile(QProcess.nullDevice())
        process.setStandardErrorFile(QProcess.nullDevice())
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed)
        self._process = process
        self._limit.start()
        process.start(self._command[0], [*self._command[1:], str(self._waiting.popleft())])

    def _finished(self, code: int, _status: QProcess.ExitStatus) -> None:
        self._over("ok" if code == 0 else "failed")

    def _failed(self, _error: QProcess.ProcessError) -> None:
        self._over("failed")

    def _stuck(self) -> None:
        self.stop()
        self._say("failed")

    def _over(self, state: State) -> None:
        process, self._process = self._process, None
        self._limit.stop()
        if process is not None:
            process.deleteLater()
        if state == "failed":
            self._waiting.clear()
        self._say(state)
        self._next()

    def _say(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit()
