"""The bridge's process: `kiosk-bridge --config FILE`.

Exit status 0: asked to stop; 2: unusable settings; 3: a fault of its own.
"""

import argparse
import random
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from kiosk.api.faults import describe
from kiosk.api.messages import MAX_DOCUMENT
from kiosk.api.notify import notify
from kiosk.centre_keys import load_centre_keys
from kiosk.config import ConfigError, KioskConfig, load_config
from mqtt_bridge.bridge import Bridge
from mqtt_bridge.client_ids import ClientIds
from mqtt_bridge.codec import CONTENT_TYPE
from mqtt_bridge.connecting import MAX_INBOUND, Plan
from mqtt_bridge.downlink import Downlink
from mqtt_bridge.gateline import GateLine
from mqtt_bridge.lines import Lines
from mqtt_bridge.local import LocalListener, local_listeners
from mqtt_bridge.session import Session
from mqtt_bridge.telemetry import TelemetryLine
from mqtt_bridge.topics import KioskAddress
from mqtt_bridge.uplink import Uplink
from mqtt_bridge.waker import Waker
from mqtt_bridge.window import Window

NAME = "kiosk-bridge"
WATCHDOG_S = 1.0
UP_EXPIRY_S = 60
"""Longer than the will's delay, so that a short break announces nothing."""
DOWN_EXPIRY_S = 24 * 3600
"""How long the broker keeps what the centre says to a kiosk that is away."""


def log(text: str) -> None:
    """Write one line for the service manager's log. Never holds what an event contains."""
    print(f"{NAME}: {text}", file=sys.stderr, flush=True)


def address_of(config: KioskConfig) -> KioskAddress:
    """Return where this kiosk stands."""
    return KioskAddress(config.kiosk.tenant, config.kiosk.site, config.kiosk.id)


def build(config: KioskConfig, waker: Waker, listeners: Sequence[LocalListener]) -> Bridge:
    """Put the parts together. Raises ConfigError where a file of keys cannot be used."""
    address = address_of(config)
    # Jitter keeps a fleet apart; nothing secret depends on it.
    jitter = random.Random().random  # noqa: S311
    keys = load_centre_keys(config.centre.keys) if config.centre else {}
    lines = None
    if config.mqtt is not None:
        try:
            ids = ClientIds.read(address, config.mqtt)
            up = Plan(ids.up, presence=address.presence, expiry_s=UP_EXPIRY_S)
            down = Plan(
                ids.down, subscribe=address.down, clean_start=False, expiry_s=DOWN_EXPIRY_S, manual_ack=True,
                max_inbound=MAX_DOCUMENT + MAX_INBOUND,
            )  # fmt: skip
            lines = Lines(*(
                Session(config.mqtt, plan, jitter=jitter, wake=waker.wake, content_type=CONTENT_TYPE)
                for plan in (up, down)
            ))  # fmt: skip
        except OSError as error:
            raise ConfigError(f"mqtt: a TLS file cannot be used ({error.strerror or error})") from None
    heard = [listener.heard for listener in listeners]
    telemetry = TelemetryLine(address, time.monotonic(), jitter, heard, memory_mb)
    gate = GateLine(config.paths.run, log)
    downlink = Downlink(address, gate, keys, log)
    return Bridge(address, gate, lines, Uplink(address, Window(jitter)), downlink, telemetry, log)


def memory_mb() -> float | None:
    """Return the resident memory of this process in MiB; None where the kernel does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return round(pages * resource.getpagesize() / (1 << 20), 1)


def run(bridge: Bridge, waker: Waker) -> None:
    """Turn until asked to stop, telling the service manager that all is well."""
    ready = False
    watchdog_at = 0.0
    while not waker.stopping:
        now = time.monotonic()
        bridge.turn(waker, now)
        if bridge.has_gate and not ready:
            ready = True
            notify("READY=1")
        if now >= watchdog_at:
            watchdog_at = now + WATCHDOG_S
            notify("WATCHDOG=1")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bridge until SIGTERM or SIGINT and return its exit status."""
    parser = argparse.ArgumentParser(prog=NAME, description="Takes events from the gate to the centre over MQTT.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the kiosk's settings, kiosk.toml")
    arguments = parser.parse_args(argv)
    waker = Waker()
    waker.stop_on_signals()
    listeners: list[LocalListener] = []
    try:
        config = load_config(arguments.config)
        listeners = local_listeners(config, address_of(config), log)
        bridge = build(config, waker, listeners)
    except ConfigError as error:
        log(str(error))
        return 2
    try:
        for listener in listeners:
            listener.start()
        run(bridge, waker)
    except Exception as error:  # noqa: BLE001 - the task's top: the service manager starts it anew
        log(f"stopped by a fault of its own ({describe(error)}); please report it")
        return 3
    finally:
        bridge.close()
        for listener in listeners:
            listener.close()
        waker.close()
    return 0
