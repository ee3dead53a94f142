"""A small fleet's papers for tests: an authority, a broker's and the centre's certificate, and one for each kiosk.

Made by the very code that the provisioning service uses, so that a broker is tested against what it will meet.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.testing.mqtt_party import Papers
from mqtt_bridge.central.provisioning.authority import CENTRE_NAME, Authority, certificate_pem, key_pem, new_key
from mqtt_bridge.topics import KioskAddress


class Fleet:
    """Writes its files into `folder`, by the names that `firmware_config/brokers` uses."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.folder, self.now = folder, now
        self.authority = Authority.made("Test fleet", now)
        (folder / "ca.pem").write_bytes(certificate_pem(self.authority.certificate))
        self._write("broker", *self._server())
        self._crl_number = 0
        self.withdraw(())

    def centre(self, user: str = CENTRE_NAME) -> Papers:
        """Return the papers of the centre's consumers, or of another of its users."""
        key = new_key()
        return self._write(user, self.authority.for_centre(user, key.public_key(), self.now), key)

    def kiosk(self, name: str, *, tenant: str = "local", site: str = "main") -> Papers:
        """Return a kiosk's papers."""
        key = new_key()
        certificate = self.authority.for_kiosk(KioskAddress(tenant, site, name), key.public_key(), self.now)
        return self._write(name, certificate, key)

    def stranger(self, name: str) -> Papers:
        """Return papers with a kiosk's name, signed by another authority."""
        key, other = new_key(), Authority.made("Another fleet", self.now)
        return self._write(
            f"stranger-{name}", other.for_kiosk(KioskAddress("local", "main", name), key.public_key(), self.now), key
        )

    def nobody(self) -> Papers:
        """Return papers that prove nothing."""
        return Papers(self.folder / "ca.pem")

    def broker(self) -> Papers:
        """Return the broker's own papers."""
        return Papers(self.folder / "ca.pem", self.folder / "broker.pem", self.folder / "broker.key")

    def withdraw(self, papers: Iterable[Papers]) -> None:
        """Write the list of withdrawn certificates, `crl.pem`, with these on it."""
        self._crl_number += 1
        read = [x509.load_pem_x509_certificate(one.certificate.read_bytes()) for one in papers if one.certificate]
        revoked = [(certificate.serial_number, self.now) for certificate in read]
        crl = self.authority.revocation_list(revoked, self._crl_number, self.now)
        (self.folder / "crl.pem").write_bytes(crl)

    def _server(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        key = new_key()
        return self.authority.for_server(["localhost", "127.0.0.1"], key.public_key(), self.now), key

    def _write(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Papers:
        files = Papers(self.folder / "ca.pem", self.folder / f"{name}.pem", self.folder / f"{name}.key")
        for file, content in ((files.certificate, certificate_pem(certificate)), (files.key, key_pem(key))):
            if file is not None:
                file.touch(mode=0o600)
                file.write_bytes(content)
        return files
