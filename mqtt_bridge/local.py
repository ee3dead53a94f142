"""Who is told of the kiosk on its own machine and its local broker, by the settings: nobody, where they name none."""

import random
from collections.abc import Callable
from typing import Protocol

from kiosk import __version__
from kiosk.api.messages import Telemetry
from kiosk.config import ConfigError, KioskConfig
from mqtt_bridge.discovery import HomeDevice
from mqtt_bridge.home_assistant import HomeAssistant
from mqtt_bridge.metrics import Figures, MetricsPort
from mqtt_bridge.topics import KioskAddress


class LocalListener(Protocol):
    """Listens in a thread of its own: nothing that goes wrong there may hold up the line to the centre."""

    def start(self) -> None:
        """Begin."""

    def heard(self, message: Telemetry) -> None:
        """Take what is told, and return at once."""

    def close(self) -> None:
        """End."""


def local_listeners(config: KioskConfig, address: KioskAddress, log: Callable[[str], None]) -> list[LocalListener]:
    """Return those that the settings ask for, not started yet. Raises ConfigError where one cannot be had."""
    found: list[LocalListener] = []
    if (home := config.home_assistant) is not None:
        device = HomeDevice(address, __version__, home.prefix)
        try:
            found.append(HomeAssistant(home, device, random.Random().random, log))  # noqa: S311 - jitter, no secret
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise ConfigError(f"home_assistant: a file of it cannot be used ({why})") from None
    if config.metrics is not None:
        port = config.metrics.port
        try:
            found.append(MetricsPort(port, Figures(__version__)))
        except OSError as error:
            for listener in found:
                listener.close()
            raise ConfigError(f"metrics: port {port} cannot be opened ({error.strerror}); give another one") from None
    return found
