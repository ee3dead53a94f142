"""RabbitMQ's users and their permissions, from the kiosks that have a certificate. Pure.

RabbitMQ knows a client by a user of its own database, so each kiosk needs one: by the common name of its certificate,
without a password. What mosquitto says in two patterns is said here for each. A user's queues are named by its client
ids, so it can have no session in another's name.
"""

import re
from collections.abc import Iterable

from mqtt_bridge.central.provisioning.authority import CENTRE_NAME, DESK_NAME
from mqtt_bridge.topics import KioskAddress

EXCHANGE = "amq.topic"
VHOST = "/"
_CENTRE_QUEUES = r"gk\.1\.centre(\.dead)?"
_DESK_QUEUES = r"mqtt-subscription-kiosk-command-[0-9a-f]{8}qos[01]"
"""By the client ids of `kiosk command`."""


def definitions(kiosks: Iterable[KioskAddress]) -> dict[str, object]:
    """Return what `rabbitmqctl import_definitions` takes: the kiosks' users, and the centre's two."""
    users = [CENTRE_NAME, DESK_NAME]
    permissions = [
        _permission(CENTRE_NAME, configure=_CENTRE_QUEUES, use=rf"{_CENTRE_QUEUES}|amq\.topic"),
        _permission(DESK_NAME, configure=_DESK_QUEUES, use=rf"{_DESK_QUEUES}|amq\.topic"),
    ]
    any_kiosk = r"gk\.1(\.[^.#]+){3}"
    topics = [
        _topics(CENTRE_NAME, write=rf"{any_kiosk}\.down\.", read=rf"{any_kiosk}\.up\."),
        _topics(DESK_NAME, write=rf"{any_kiosk}\.down\.(cmd|cfg)\.", read=rf"{any_kiosk}\.up\.(res|cfg)\."),
    ]
    for kiosk in sorted(set(kiosks), key=lambda one: one.kiosk):
        name, base = kiosk.kiosk, re.escape(kiosk.base.replace("/", "."))
        ids = re.escape(f"gk1.{kiosk.tenant}.{kiosk.site}.{name}")
        queues = rf"mqtt-subscription-{ids}\.(down\.)?[0-9a-f]{{16}}qos[01]"
        users.append(name)
        permissions.append(_permission(name, configure=queues, use=rf"{queues}|amq\.topic"))
        topics.append(_topics(name, write=rf"{base}\.up\.", read=rf"{base}\.down\."))
    return {
        "vhosts": [{"name": VHOST}],
        "users": [
            # No password's hash is empty: nobody comes in by one.
            {"name": name, "password_hash": "", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ""}
            for name in users
        ],
        "permissions": permissions,
        "topic_permissions": topics,
    }


def _permission(user: str, *, configure: str, use: str) -> dict[str, str]:
    """`configure` and `use`: expressions for whole names of queues and exchanges."""
    return {"user": user, "vhost": VHOST, "configure": f"^({configure})$", "write": f"^({use})$", "read": f"^({use})$"}


def _topics(user: str, *, write: str, read: str) -> dict[str, str]:
    """`write` and `read`: expressions for how routing keys, and keys of bindings, begin."""
    return {"user": user, "vhost": VHOST, "exchange": EXCHANGE, "write": f"^{write}", "read": f"^{read}"}
