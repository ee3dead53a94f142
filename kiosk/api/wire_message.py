"""What all messages between the processes have in common."""

from pydantic import BaseModel, ConfigDict


class WireMessage(BaseModel):
    """One message; on the wire a line of JSON. No key that nobody knows, nothing that changes later.

    What cannot be taken is not repeated in the error: it may be a PIN, a name or a document's number.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
