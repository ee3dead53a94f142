"""Why a line is down, in one code. The line itself is tried on a real RabbitMQ (test_centre_rabbit.py)."""

import socket
import ssl

import pytest
from pika.adapters.utils.connection_workflow import AMQPConnectionWorkflowFailed, AMQPConnectorSocketConnectError
from pika.exceptions import (
    AMQPConnectionError,
    ChannelClosedByBroker,
    ConnectionClosedByBroker,
    IncompatibleProtocolError,
    ProbableAuthenticationError,
    StreamLostError,
)

from mqtt_bridge.central.amqp_line import detail


def wrapped(cause):
    """Return a cause as pika tells of it when a connection could not be made."""
    return AMQPConnectionError(AMQPConnectionWorkflowFailed([AMQPConnectorSocketConnectError(cause)]))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (wrapped(ConnectionRefusedError()), "refused"),
        (wrapped(socket.gaierror()), "unknown_host"),
        (wrapped(ssl.SSLError()), "tls"),
        (wrapped(TimeoutError()), "unreachable"),
        (wrapped(IncompatibleProtocolError()), "protocol"),
        (wrapped(ProbableAuthenticationError()), "not_authorised"),
        (ConnectionClosedByBroker(320, "CONNECTION_FORCED"), "amqp_320"),
        (ChannelClosedByBroker(406, "PRECONDITION_FAILED"), "amqp_406"),
        (StreamLostError("gone"), "lost"),
        (ConnectionError("the queue is gone"), "lost"),
    ],
)
def test_why_the_line_is_down_is_one_short_code(error, code):
    assert detail(error) == code
