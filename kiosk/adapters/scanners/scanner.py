"""One imager of the settings, for ever: found, read, lost, found again; its codes become Scans.

It is treated as the camera is: a code that is scanned again within `REARM_NS` is the same scan, more than
`CAPACITY` different ones within that time are dropped, and while the journal is behind nothing is read.
"""

import asyncio
import base64
import logging
import secrets
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, NoReturn

from kiosk.adapters.scanners.aim import identified
from kiosk.adapters.scanners.assembly import Discard, Received
from kiosk.adapters.scanners.decoders import Decoder, GapDecoder, LineDecoder
from kiosk.adapters.scanners.devices import Device, ScannerLostError, missing, open_device
from kiosk.adapters.scanners.keys import KeyDecoder
from kiosk.api.messages import Scan
from kiosk.app.ports import Clock, ScanTaker
from kiosk.config import ScannerSection
from kiosk.domain.presence import Presence
from kiosk.domain.symbology import Symbology

RETRY_S = 1.0
LOOK_S = 1.0
"""The longest that a device is not looked at."""
SETTLE_S = 0.3
"""What an imager had kept until somebody listened comes at once: it is of no known moment, and dropped."""
STALE_NS = 2_000_000_000
"""After not looking at a device for so long, what lies in the kernel is from no known moment, and dropped."""
SAY_EVERY_NS = 60_000_000_000
_log = logging.getLogger("kiosk")

_ADVICE = {
    Discard.TOO_LONG: "it sends codes without an end between them; set it to send Enter (CR) after each",
    Discard.BROKEN: "these hold what a keyboard cannot say; set the imager and its settings to serial",
    Discard.LOST: "it types faster than it can be read; set a delay of 5 ms between characters, or set it to serial",
    Discard.UNFINISHED: "they came without an end; set the imager to send Enter (CR) after each code",
    Discard.OTHER_SYMBOLOGY: "they did not begin with ]Q; let the imager send AIM identifiers and read QR codes only",
    Discard.STALE: "they had waited too long; scan again",
}


def make_decoder(scanner: ScannerSection, discarded: Counter[Discard]) -> Decoder:
    """Return the decoder that a scanner's settings ask for."""
    if scanner.kind == "keyboard":
        return KeyDecoder(discarded)
    if scanner.suffix == "none":
        return GapDecoder(discarded, scanner.gap_ms * 1_000_000)
    return LineDecoder(discarded)


async def _readable(device: Device, timeout_s: float) -> None:
    """Wait until there is something to read, or the time is over. Raises OSError where waiting is impossible."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(device, ready.set)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await ready.wait()
    finally:
        loop.remove_reader(device)


class Scanner:
    """Reads one imager. Nothing that it sent is ever logged."""

    def __init__(
        self, settings: ScannerSection, taker: ScanTaker, clock: Clock,
        opener: Callable[[ScannerSection], Device] = open_device,
        *, retry_s: float = RETRY_S, stale_ns: int = STALE_NS,
    ) -> None:  # fmt: skip
        self._settings, self._taker, self._clock, self._opener = settings, taker, clock, opener
        self._retry_s, self._stale_ns = retry_s, stale_ns
        self._presence = Presence()
        self._run, self._scans = secrets.token_hex(4), 0
        self.discarded: Counter[Discard] = Counter()
        """Codes that were not passed on, and why."""
        self._said: Counter[Discard] = Counter()
        self._say_at_ns = 0
        self._told = ""

    async def run(self) -> NoReturn:
        """Read the imager whenever it is there; while it is not, look for it once a second."""
        while True:
            try:
                device = self._opener(self._settings)
            except ScannerLostError as error:
                self._tell("lost", str(error))
            else:
                await self._follow(device)
            await asyncio.sleep(self._retry_s)

    async def _follow(self, device: Device) -> None:
        try:
            if not device.dated:
                await asyncio.sleep(SETTLE_S)
                device.discard()
            self._tell("ok", "ready")
            await self._listen(device, make_decoder(self._settings, self.discarded))
        except OSError:
            self._tell("lost", str(missing(self._settings.device)))
        finally:
            device.close()

    async def _listen(self, device: Device, decoder: Decoder) -> None:
        """Pass on what the device gives. Raises OSError when it has gone."""
        looked_ns = self._clock.mono_ns()
        while True:
            due_s = (decoder.due_ns - self._clock.mono_ns()) / 1e9 if decoder.due_ns else LOOK_S
            await _readable(device, min(max(due_s, 0), LOOK_S))
            now = self._clock.mono_ns()
            if now - looked_ns > self._stale_ns and not device.dated:
                device.discard()
                decoder.abandon(Discard.STALE)
            looked_ns = now
            data = device.read()
            for code in decoder.feed(data, now) if data else decoder.quiet(now):
                await self._pass_on(code)
            self._say_discarded(now)

    async def _pass_on(self, code: Received) -> None:
        symbology, content = Symbology.UNKNOWN, code.data
        if self._settings.prefix == "aim":
            symbology, content = identified(code.data, self._settings.symbologies) or (symbology, b"")
        if not content:
            self.discarded[Discard.OTHER_SYMBOLOGY] += 1
            return
        if not self._presence.see([content], code.ended_ns):
            return
        self._scans += 1
        scan = Scan(
            scan=f"{self._run}-{self._scans}",
            data=base64.b64encode(content),
            symbology=symbology,
            reader=self._settings.name,
            frame_ns=code.began_ns,
            read_ns=code.ended_ns,
        )
        if not await self._taker.scanned(scan):
            self.discarded[Discard.STALE] += 1
            self._presence.forget()  # nobody was answered: the same code may come again at once

    def _tell(self, state: Literal["ok", "lost"], sentence: str) -> None:
        """Say a change once: in the log, and to the shell."""
        if sentence != self._told:
            self._told = sentence
            level = logging.INFO if state == "ok" else logging.WARNING
            _log.log(level, "scanner %s: %s", self._settings.name, sentence)
            self._taker.reader_state(self._settings.name, state)

    def _say_discarded(self, now_ns: int) -> None:
        """Say how many codes were dropped and what to do about it, at most once a minute."""
        if self.discarded == self._said or now_ns < self._say_at_ns:
            return
        for why, count in (self.discarded - self._said).items():
            _log.warning("scanner %s: %d codes dropped: %s", self._settings.name, count, _ADVICE[why])
        self._said, self._say_at_ns = self.discarded.copy(), now_ns + SAY_EVERY_NS
