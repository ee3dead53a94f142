"""Topic names: values in, strings out, and back. Nothing personal ever stands in a topic.

`gk/1/{tenant}/{site}/{kiosk}/up/{evt/TYPE | tele/NAME | presence | res/ID | cfg/KIND}` and
`…/down/{ack | cmd/NAME | cfg/KIND}`. The kiosk is a level of its own, so that a broker can bind it to the name that the
client has proved (`pattern write gk/1/+/+/%u/up/#`).
"""

import re
from dataclasses import dataclass

ROOT = "gk/1"
"""Project and version of the protocol."""
MAX_TOPIC = 512
"""Characters of the longest topic that can be well formed, with room to spare."""
EVENT_FILTER = f"{ROOT}/+/+/+/up/evt/#"
"""The events of all kiosks, and nothing else."""
UP_FILTER = f"{ROOT}/+/+/+/up/#"
"""What the centre subscribes to: everything that kiosks say."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_KIND = re.compile(r"[a-z][a-z0-9_]{0,31}")
_ID = re.compile(r"(?:[0-9a-f]{2}){1,32}")
_TYPE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


class TopicError(ValueError):
    """A string that is not a topic of this protocol, or a name that cannot be a level of one."""


@dataclass(frozen=True, slots=True)
class KioskAddress:
    """Where a kiosk stands: tenant, site and its own name. Raises TopicError for a name with other signs."""

    tenant: str
    site: str
    kiosk: str

    def __post_init__(self) -> None:
        for name in (self.tenant, self.site, self.kiosk):
            if not _NAME.fullmatch(name):
                raise TopicError("a name holds other signs than a-z, 0-9 and '-', or is too long")

    @property
    def base(self) -> str:
        """The levels that all topics of this kiosk begin with."""
        return f"{ROOT}/{self.tenant}/{self.site}/{self.kiosk}"

    @property
    def presence(self) -> str:
        """Where the kiosk says that it is there, and the broker that it is not."""
        return f"{self.base}/up/presence"

    @property
    def ack(self) -> str:
        """Where the centre says what it has stored."""
        return f"{self.base}/down/ack"

    @property
    def down(self) -> str:
        """What the kiosk subscribes to: everything that is for it."""
        return f"{self.base}/down/#"

    def command(self, name: str) -> str:
        """Return where the centre puts a command of this name. Raises TopicError."""
        return f"{self.base}/down/cmd/{_level(name)}"

    def result(self, command_id: str) -> str:
        """Return where the kiosk says how far a command has come; its id is in hex. Raises TopicError."""
        if not _ID.fullmatch(command_id):
            raise TopicError("the id is not 1 to 32 bytes in hex")
        return f"{self.base}/up/res/{command_id}"

    def document(self, kind: str) -> str:
        """Return where the centre puts the document of a kind that this kiosk is to take, retained."""
        return f"{self.base}/down/cfg/{_level(kind)}"

    def document_answer(self, kind: str) -> str:
        """Return where the kiosk says what became of it."""
        return f"{self.base}/up/cfg/{_level(kind)}"

    def telemetry(self, name: str) -> str:
        """Return where the kiosk says how it is."""
        return f"{self.base}/up/tele/{_level(name)}"

    def event(self, event_type: str) -> str:
        """Return the topic of one type of event. Raises TopicError where the type cannot be a level."""
        if not _TYPE.fullmatch(event_type):
            raise TopicError("the event type cannot be a level of a topic")
        return f"{self.base}/up/evt/{event_type}"


@dataclass(frozen=True, slots=True)
class EventTopic:
    """`…/up/evt/TYPE`."""

    address: KioskAddress
    type: str


@dataclass(frozen=True, slots=True)
class PresenceTopic:
    """`…/up/presence`."""

    address: KioskAddress


@dataclass(frozen=True, slots=True)
class AckTopic:
    """`…/down/ack`."""

    address: KioskAddress


@dataclass(frozen=True, slots=True)
class CommandTopic:
    """`…/down/cmd/NAME`."""

    address: KioskAddress
    name: str


@dataclass(frozen=True, slots=True)
class ResultTopic:
    """`…/up/res/ID`."""

    address: KioskAddress
    id: str


@dataclass(frozen=True, slots=True)
class DocumentTopic:
    """`…/down/cfg/KIND`."""

    address: KioskAddress
    kind: str


@dataclass(frozen=True, slots=True)
class DocumentAnswerTopic:
    """`…/up/cfg/KIND`."""

    address: KioskAddress
    kind: str


@dataclass(frozen=True, slots=True)
class TelemetryTopic:
    """`…/up/tele/NAME`."""

    address: KioskAddress
    name: str


Topic = (
    EventTopic | PresenceTopic | AckTopic | CommandTopic | ResultTopic | DocumentTopic | DocumentAnswerTopic
    | TelemetryTopic
)  # fmt: skip


def _level(name: str) -> str:
    if not _KIND.fullmatch(name):
        raise TopicError("the name cannot be a level of a topic")
    return name


def parse(topic: str) -> Topic:
    """Read a topic, whoever sent it. Raises TopicError with a text that does not repeat it."""
    if len(topic) > MAX_TOPIC:
        raise TopicError("the topic is too long")
    match topic.split("/"):
        case ["gk", "1", tenant, site, kiosk, *rest]:
            address = KioskAddress(tenant, site, kiosk)
        case _:
            raise TopicError("not a topic of this protocol")
    match rest:
        case ["up", "evt", event_type] if _TYPE.fullmatch(event_type):
            return EventTopic(address, event_type)
        case ["up", "presence"]:
            return PresenceTopic(address)
        case ["down", "ack"]:
            return AckTopic(address)
        case ["down", "cmd", name]:
            return CommandTopic(address, _level(name))
        case ["up", "res", command_id] if _ID.fullmatch(command_id):
            return ResultTopic(address, command_id)
        case ["down", "cfg", kind]:
            return DocumentTopic(address, _level(kind))
        case ["up", "cfg", kind]:
            return DocumentAnswerTopic(address, _level(kind))
        case ["up", "tele", name]:
            return TelemetryTopic(address, _level(name))
        case _:
            raise TopicError("not a topic of this protocol")
