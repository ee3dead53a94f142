"""Labels of sample tubes: Code 128, and nothing else. They name a sample, never a person.

There is no layout that all laboratories share: any printable label of a sensible length is taken. What it stands for
is known where the sample was registered. docs/credentials/sample-tubes.md has the details.
"""

import re
from datetime import datetime

from kiosk.domain.credential import Credential, Format, Kind, Rejected, Verdict
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify.errors import MalformedError

FORMAT = Format.TUBE
MIN_LABEL, MAX_LABEL = 6, 48
"""Characters. Shorter ones are where linear codes are most often read that are not there."""
_LABEL = re.compile(rf"[0-9A-Za-z][ -~]{{{MIN_LABEL - 1},{MAX_LABEL - 1}}}")


def matches(text: str) -> bool:
    """Tell whether a Code 128 may be a label. Never asked about any other kind of code."""
    return _LABEL.fullmatch(text) is not None


def verify(text: str, _trust: TrustList, _now: datetime) -> Rejected:
    """Read a label: unsigned, and nobody's. Raises MalformedError where it is none."""
    if not matches(text):
        raise MalformedError(Reason.UNKNOWN_FORMAT)
    label = Credential(FORMAT, Kind.SAMPLE, credential_id=text)
    return Rejected(Verdict.UNSIGNED, (Reason.SAMPLE_LABEL,), FORMAT, label)
