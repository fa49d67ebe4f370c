"""A stand-in for the online service: a CONNECT proxy on loopback that speaks TLS with a certificate made here.

The real gTTS package reaches it through ``https_proxy``; it never leaves this machine.
"""

import base64
import contextlib
import io
import json
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import soundfile
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = "translate.google.com"
DAY = timedelta(days=1)


def mp3(seconds: float) -> bytes:
    buffer = io.BytesIO()
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(24_000 * seconds)) / 24_000)
    soundfile.write(buffer, wave, 24_000, format="MP3")
    return buffer.getvalue()


def speech(audio: bytes) -> bytes:
    """Wrap audio as the service does."""
    inner = json.dumps([base64.b64encode(audio).decode()], separators=(",", ":"))
    line = json.dumps([["wrb.fr", "jQ1olc", inner, None, None, None, "generic"]], separators=(",", ":"))
    return b")]}'\n\n" + str(len(line)).encode() + b"\n" + line.encode() + b"\n"


def answer(status: str, body: bytes, *, length: int | None = None) -> bytes:
    lines = (
        f"HTTP/1.1 {status}",
        "Content-Type: text/plain",
        f"Content-Length: {length or len(body)}",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body


SPEECH = speech(mp3(0.6))
LOGIN = b"<html><form action=login>Wi-Fi</form></html>"
ANSWERS: dict[str, list[bytes]] = {
    "ok": [answer("200 OK", SPEECH)],
    "403": [answer("403 Forbidden", b"")],
    "429": [answer("429 Too Many Requests", b"")],
    "503": [answer("503 Service Unavailable", b"")],
    "login page": [answer("200 OK", LOGIN)],
    "redirect to a login page": [answer("302 Found\r\nLocation: https://login.example/", b"")],
    "zero bytes": [answer("200 OK", b"")],
    "empty audio": [answer("200 OK", speech(b""))],
    "no audio": [answer("200 OK", b')]}\'\n\n[["wrb.fr","jQ1olc",null]]\n')],
    "not an mp3": [answer("200 OK", speech(b"hello" * 200))],
    "cut": [answer("200 OK", SPEECH[: len(SPEECH) // 2], length=len(SPEECH))],
    "closed at once": [b""],
    "429 on the second piece": [answer("200 OK", SPEECH), answer("429 Too Many Requests", b"")],
    "hang": [],
    "drip": [],
}


@dataclass
class StandIn:
    port: int
    ca_file: Path
    texts: list[str] = field(default_factory=list)
    """What was asked to be said, in order."""
    mode: str = "ok"


def authority(name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    return key, _certificate(name, key, name, key, ca=True)


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
    age: timedelta = timedelta(),
) -> x509.Certificate:
    now = datetime.now(UTC) - age
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read_request(connection: socket.socket) -> tuple[bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return b"", b""
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head, body


def _said(body: bytes) -> str:
    rpc = json.loads(urllib.parse.unquote(body.decode()).removeprefix("f.req=").removesuffix("&"))
    return str(json.loads(rpc[0][0][1])[0])


@contextmanager
def standin(folder: Path, *, named: str = HOST, age: timedelta = timedelta()) -> Iterator[StandIn]:
    """Run the stand-in; ``mode`` may be changed between requests. Its certificate is for ``named``, ``age`` old."""
    ca_key, ca = authority("test authority")
    key = ec.generate_private_key(ec.SECP256R1())
    chain = folder / "server.pem"
    certificate = _certificate(named, key, "test authority", ca_key, ca=False, age=age)
    chain.write_bytes(_pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        this = StandIn(port=server.getsockname()[1], ca_file=ca_file)
        thread = threading.Thread(target=_serve, args=(server, context, this, stop), name="stand-in")
        thread.start()
        try:
            yield this
        finally:
            stop.set()
            thread.join()


def _serve(server: socket.socket, context: ssl.SSLContext, this: StandIn, stop: threading.Event) -> None:
    threads: list[threading.Thread] = []
    while not stop.is_set():
        try:
            connection, _ = server.accept()
        except TimeoutError:
            continue
        thread = threading.Thread(target=_one, args=(connection, context, this, stop))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()


def _one(connection: socket.socket, context: ssl.SSLContext, this: StandIn, stop: threading.Event) -> None:
    with connection, contextlib.suppress(OSError):  # the client may hang up at any point: that is what is tested
        connection.settimeout(10)
        head, _ = _read_request(connection)
        if not head.startswith(f"CONNECT {HOST}:443 ".encode()):
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secure:
            _, body = _read_request(secure)
            if not body:
                return
            this.texts.append(_said(body))
            _reply(secure.sendall, this, stop)


def _reply(send: Callable[[bytes], None], this: StandIn, stop: threading.Event) -> None:
    if this.mode == "hang":
        stop.wait(60)
    elif this.mode == "drip":
        for byte in answer("200 OK", SPEECH):
            send(bytes([byte]))
            if stop.wait(0.1):
                return
    else:
        script = ANSWERS[this.mode]
        send(script[min(len(this.texts), len(script)) - 1])
