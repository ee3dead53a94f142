"""Scans, from vision and from readers in this process, on their way to the judge: each once, and none that is old."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from kiosk.api import messages as wire
from kiosk.app.collector import Collector
from kiosk.app.ports import Clock
from kiosk.app.reception import Reception
from kiosk.app.recorder import Recorder
from kiosk.app.screen import Line

RECENT_SCANS = 1_000
SCAN_AGE_NS = 3_000_000_000
"""How old a scan may be. Whoever held up an older one, while a process stood still, may have gone."""


@dataclass(slots=True)
class ScanDesk:
    """Takes scans. `trace` tells the monitors, `show` the screens."""

    recorder: Recorder
    clock: Clock
    line: Line
    collector: Collector
    reception: Reception
    trace: Callable[..., Any]
    show: Callable[[], None]
    _scans: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def begin(self, visits: Iterable[str]) -> None:
        """Remember visits that are on record: they do not happen again, should vision send their scans once more."""
        self._scans.update((visit, None) for visit in visits)

    async def take(self, scan: wire.Scan) -> None:
        """Take a scan as soon as there is room for its records.

        Raises WireError where it is not of this moment: connecting anew makes vision say again what is in view now.
        """
        await self.recorder.room()
        if scan.scan in self._scans:
            return
        if not 0 <= self.clock.mono_ns() - scan.read_ns <= SCAN_AGE_NS:
            raise wire.WireError("the scan is not of this moment")
        self._scans[scan.scan] = None
        if len(self._scans) > RECENT_SCANS:
            self._scans.popitem(last=False)
        whole = self.collector.take(scan)
        if whole is not None:
            self.reception.take(whole)
        elif asked := self.line.asked:
            count = {"part": asked.part, "parts": asked.parts}
            self.trace("part", data={"frame_ns": scan.frame_ns, **count})
        self.show()

    async def scanned(self, scan: wire.Scan) -> bool:
        """Take a scan of a reader in this process; return False where it is too old."""
        try:
            await self.take(scan)
        except wire.WireError:
            return False
        return True

    def reader_state(self, reader: str, state: Literal["ok", "lost"]) -> None:
        """Take note that a reader in this process works, or that it does not."""
        self.line.scanners[reader] = state
        self.trace("health", data={"process": "scanner", "reader": reader, "state": state})
        self.show()
