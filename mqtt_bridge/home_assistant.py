"""The kiosk in Home Assistant: a second, thin session with a local broker, in a thread of its own.

In a thread, so that a broker or a name server that hangs keeps no event from the centre. What is told is the newest
of each kind; nothing is read but Home Assistant's own word that it has started.
"""

import select
import threading
import time
from collections import deque
from collections.abc import Callable

from kiosk.api.faults import describe
from kiosk.api.messages import Telemetry
from kiosk.api.telemetry import EVENT
from kiosk.config import HomeAssistantSection
from mqtt_bridge import discovery
from mqtt_bridge.connecting import Plan
from mqtt_bridge.discovery import HomeDevice
from mqtt_bridge.session import Received, Session, Up
from mqtt_bridge.waker import Waker

IDLE_S = 0.5
CLOSE_S = 3.0
"""How long a good-bye may take."""
WAITING = 100
"""Events that wait for the thread; more are not told, as they are told at once or not at all."""


class HomeAssistant:
    """Listens to telemetry, and shows it. Raises OSError where a file of the settings cannot be used."""

    def __init__(
        self,
        settings: HomeAssistantSection,
        device: HomeDevice,
        jitter: Callable[[], float],
        log: Callable[[str], None],
    ) -> None:
        self._device, self._log = device, log
        self._waker = Waker()
        password = settings.password_file.read_text().partition("\n")[0] if settings.password_file else ""
        plan = Plan(
            client_id=device.name, subscribe=discovery.STATUS, presence=device.presence, username=settings.username,
            password=password,
        )  # fmt: skip
        self._session = Session(settings, plan, jitter=jitter, wake=self._waker.wake)
        self._newest: dict[str, Telemetry] = {}
        self._changed: set[str] = set()
        self._events: deque[Telemetry] = deque(maxlen=WAITING)
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="home-assistant", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def heard(self, message: Telemetry) -> None:
        """Take what is told; from any thread, and at once."""
        with self._lock:
            if message.name == EVENT:
                self._events.append(message)
            else:
                self._newest[message.name] = message
                self._changed.add(message.name)
        self._waker.wake()

    def close(self) -> None:
        """Say good-bye and end the thread."""
        self._waker.stopping = True
        self._waker.wake()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)
        self._waker.close()

    # The thread

    def _run(self) -> None:
        try:
            while not self._waker.stopping:
                self.turn(time.monotonic())
        except Exception as error:  # noqa: BLE001 - the thread's top: the line to the centre must go on
            self._log(f"Home Assistant is told no more, by a fault of our own ({describe(error)}); please report it")
        finally:
            self._session.close()

    def turn(self, now: float) -> None:
        """Do what is due, then wait for news of at most `IDLE_S`."""
        session = self._session
        session.step(now)
        for happening in session.take():
            match happening:
                case Up() | Received(topic=discovery.STATUS, payload=b"online"):
                    self._announce()
                case _:
                    pass
        if session.is_up:
            self._show()
        self._wait()

    def _announce(self) -> None:
        """Say what there is to see, and all of it: Home Assistant may have forgotten, or never known."""
        self._session.tell(self._device.topic, self._device.config(), retain=True)
        with self._lock:
            self._changed.update(self._newest)
            self._events.clear()  # what happened while nobody was there is no news

    def _show(self) -> None:
        with self._lock:
            messages = [*(self._newest[name] for name in sorted(self._changed)), *self._events]
            self._changed.clear()
            self._events.clear()
        for message in messages:
            shown = self._device.shown(message)
            if shown is not None:
                self._session.tell(*shown)

    def _wait(self) -> None:
        session, broker = self._session, self._session.fileno()
        pending = session.has_pending()
        reading = [fd for fd in (self._waker.fileno(), broker) if fd >= 0]
        writing = [broker] if broker >= 0 and session.wants_write() else []
        readable, writable, _ = select.select(reading, writing, [], 0 if pending else IDLE_S)
        if self._waker.fileno() in readable:
            self._waker.clear()
        if broker in readable or pending:
            session.readable()
        if broker in writable:
            session.writable()
