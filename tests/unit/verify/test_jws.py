import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Algorithm
from kiosk.testing.health_cards import CardIssuer
from kiosk.verify import jws
from kiosk.verify.errors import MalformedError

ISSUER = CardIssuer()


def refusal(text):
    with pytest.raises(MalformedError) as caught:
        jws.parse(text)
    return caught.value.reason


def spelt(header, payload="YQ", signature="YQ"):
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    return f"{jws.to_base64url(data)}.{payload}.{signature}"


def test_a_message_is_taken_apart():
    text = ISSUER.sign(b"hello")
    message = jws.parse(text)
    assert (message.algorithm, message.payload, len(message.signature)) == (Algorithm.ES256, b"hello", 64)
    assert message.key_id == ISSUER.jwk["kid"].encode()
    assert message.signed_bytes == text.rpartition(".")[0].encode()
    assert message.header["zip"] == "DEF"


@pytest.mark.parametrize("name", ["none", "HS256", "RS256", "ES384", "es256", ""])
def test_another_algorithm_is_none_of_ours(name):
    assert jws.parse(spelt({"alg": name})).algorithm is None


def test_a_message_may_name_no_key():
    assert jws.parse(spelt({"alg": "ES256"})).key_id == b""


@pytest.mark.parametrize(
    "header",
    [
        {}, {"alg": 1}, {"alg": None}, {"alg": ["ES256"]}, {"alg": "ES256", "kid": 1}, {"alg": "ES256", "kid": None},
        {"alg": "ES256", "kid": "k" * 129}, {"alg": "ES256", "crit": ["exp"]}, {"alg": "ES256", "crit": []},
        [], "ES256", None, b"", b"{", b'{"alg":"none","alg":"ES256"}', b"\xff",
    ],
    ids=repr,
)  # fmt: skip
def test_headers_that_mean_nothing_here(header):
    assert refusal(spelt(header)) is Reason.JWS_INVALID


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "..", "a.b", "YQ.YQ", "YQ.YQ.", ".YQ.YQ", "YQ..YQ", "YQ.YQ.YQ.YQ", "YQ==.YQ.YQ", "YQ.Y Q.YQ",
        "YQ.YQ.YQ\n", "YQ.YQ.é", "YQ.+/.YQ",
    ],
)  # fmt: skip
def test_what_is_not_three_pieces_of_base64url(text):
    assert refusal(text) is Reason.JWS_INVALID


@pytest.mark.parametrize("spelling", ["YR", "YWF", "A", "AAAAA", "YQ=="])
def test_base64url_has_one_spelling(spelling):
    with pytest.raises(ValueError, match="base64url"):
        jws.from_base64url(spelling)


@given(st.binary(max_size=100))
def test_base64url_comes_back(data):
    text = jws.to_base64url(data)
    assert jws.from_base64url(text) == data
    assert text == base64.urlsafe_b64encode(data).decode().replace("=", "")


@given(st.text(max_size=200) | st.text("abcYQ-_.", max_size=60))
def test_random_text_is_taken_apart_or_refused(text):
    try:
        message = jws.parse(text)
    except MalformedError:
        return
    assert text == f"{message.signed_bytes.decode()}.{jws.to_base64url(message.signature)}"
