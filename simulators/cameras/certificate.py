"""Chứng thư tự ký: the TLS certificates that cameras make for themselves, of every quality."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devices.clock import instant
from simulators.cameras.faults import Fault
from simulators.cameras.state import CameraState

_YEARS = timedelta(days=3_650)
_BORN = datetime(2020, 1, 1, tzinfo=UTC)


def server_context(state: CameraState) -> ssl.SSLContext:
    """Return a context with a certificate as the camera's faults make it. Each call makes another key, except that
    a camera keeps its own until ``Fault.TLS_CHANGED``.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="loa-camera-") as folder:
        path = Path(folder) / "both.pem"
        path.write_bytes(_pem(state))
        context.load_cert_chain(path)
    return context


def _key(state: CameraState) -> ec.EllipticCurvePrivateKey:
    """Derive the key from what the camera is: the same camera has the same key after every restart."""
    changed = 1 if Fault.TLS_CHANGED in state else 0
    secret = (state.spec.uuid.int << 8) + 2 + changed
    return ec.derive_private_key(secret, ec.SECP256R1())


def _pem(state: CameraState) -> bytes:
    key = _key(state)
    now = instant(state.clock.now_ms())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, state.spec.hostname)])
    ends = now - timedelta(days=1) if Fault.TLS_EXPIRED in state else _BORN + 5 * _YEARS
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(state.spec.uuid.int >> 1)
        .not_valid_before(_BORN)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(state.host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret + certificate.public_bytes(serialization.Encoding.PEM)
