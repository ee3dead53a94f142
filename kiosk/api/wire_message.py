"""What all messages between the processes have in common."""

from pydantic import BaseModel, ConfigDict


class WireMessage(BaseModel):
    """One message; on the wire a line of JSON. No key that nobody knows, nothing that changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True)
