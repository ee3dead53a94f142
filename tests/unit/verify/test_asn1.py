"""Files of megabytes that asn1crypto would take seconds, or for ever, over are refused before it sees them."""

import base64
import time
from itertools import count

import pytest
from asn1crypto import cms
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.trust import TrustError
from kiosk.testing import seals
from kiosk.verify import asn1, csca, trust_list
from kiosk.verify.cms import signed_content

AUTHORITY = seals.certify(seals.AUTHORITY)
LISTER = seals.certify(seals.LIST_SIGNER, AUTHORITY)
MASTER_LIST = seals.master_list([AUTHORITY.certificate], LISTER)


def element(tag, content):
    size = len(content).to_bytes(4, "big")
    return bytes([tag, 0x84]) + size + content


def identifier(size):
    return element(0x06, b"\x2a" + b"\x81" * (size - 2) + b"\x01")


def pem(label, data):
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label, base64.encodebytes(data), label)


@pytest.mark.parametrize("data", [
    AUTHORITY.certificate, LISTER.certificate, MASTER_LIST, b"", b"\x05\x00", b"\x04\x03" + b"\x06\x7f\x00",
    b"\x30\x80\x02\x01\x05\x00\x00", b"\x30\x80\x30\x80\x00\x00\x00\x00", b"\x1f\x81\x01\x01x",
    b"\x30\x02\x30\x00\x05\x00",
], ids=count())  # fmt: skip
def test_what_is_well_formed_passes(data):
    asn1.check(data)


@pytest.mark.parametrize("data", [
    b"\x30", b"\x30\x05\x02\x01\x05", b"\x30\x03\x02\x02\x05\x05\x00", b"\x04\x80\x00\x00", b"\x1f\x81",
    b"\x30\x89" + b"\x01" * 9, b"\x04\x88" + b"\xff" * 8, identifier(65), element(0x30, identifier(65)),
    MASTER_LIST[:-1], element(0x30, b"\x05\x00" * asn1.MAX_ELEMENTS), b"\x30\x80" * asn1.MAX_ELEMENTS,
], ids=count())  # fmt: skip
def test_what_is_cut_off_or_costs_too_much_is_refused(data):
    with pytest.raises(ValueError, match=r"\w"):
        asn1.check(data)


def test_an_identifier_behind_a_broken_element_is_not_overlooked():
    """The element inside claims the bytes of its neighbour; a lazy reader never opens it, and reads the neighbour."""
    broken = b"\x30\x03\x04\x7f\x00"
    with pytest.raises(ValueError, match="longer"):
        asn1.check(element(0x30, broken + identifier(4000)))


@given(st.binary(max_size=80))
def test_any_bytes_are_judged(data):
    try:
        asn1.check(data)
    except ValueError:
        return


def test_pem_blocks_are_read_with_what_stands_around_them():
    second = pem(b"PKCS7", b"two").replace(b"\n", b"\r\n")
    text = b"Subject: x\n" + pem(b"CERTIFICATE", b"one") + b"\n# two\r\n" + second
    assert asn1.is_pem(text)
    assert list(asn1.pem_blocks(text)) == [("CERTIFICATE", b"one"), ("PKCS7", b"two")]
    assert not asn1.is_pem(b"MIIB")


@pytest.mark.parametrize("text", [
    pem(b"A", b"x")[:-10], pem(b"A", b"x").replace(b"END A", b"END B"), b"-----BEGIN A-----\nQ\n-----END A-----\n",
    pem(b"A", b"x") + b"-----BEGIN A-----\n",
])  # fmt: skip
def test_a_pem_block_that_is_broken_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        list(asn1.pem_blocks(text))


HUGE = 4 << 20
LONG_NAME = element(0x30, identifier(HUGE) + element(0xA0, b"\x30\x00"))


@pytest.mark.parametrize("read", [
    lambda: signed_content(LONG_NAME, LISTER.certificate),
    lambda: signed_content(MASTER_LIST, element(0x30, identifier(HUGE))),
    lambda: signed_content(pem(b"CMS", bytes(HUGE)), LISTER.certificate),
    lambda: signed_content(b"-----BEGIN CMS-----\n" * (HUGE // 20), LISTER.certificate),
    lambda: signed_content(b"-----BEGIN CMS-----\n" + b"a: b\n" * (HUGE // 5), LISTER.certificate),
    lambda: signed_content(element(0x30, b"\x30\x00" * (HUGE // 2)), LISTER.certificate),
    lambda: csca.anchors_in(LONG_NAME),
    lambda: csca.anchors_in(pem(b"CERTIFICATE", bytes(HUGE))),
    lambda: trust_list.anchor_of(LONG_NAME),
])  # fmt: skip
def test_four_megabytes_are_refused_in_well_under_a_second(read):
    begin = time.process_time()
    with pytest.raises(TrustError):
        read()
    assert time.process_time() - begin < 0.5  # about 10 ms; quadratic reading took from 5 s to hours


def test_what_is_whole_is_read_in_der_and_pem():
    content = cms.ContentInfo.load(MASTER_LIST)["content"]["encap_content_info"]["content"]
    assert signed_content(MASTER_LIST, LISTER.certificate) == bytes(content)
    assert signed_content(pem(b"CMS", MASTER_LIST), pem(b"CERTIFICATE", LISTER.certificate)) == bytes(content)
