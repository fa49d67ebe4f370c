"""Where a broker is, and what it takes to be let in."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

MQTT_PORT = 1883
MQTTS_PORT = 8883


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Certificates of one end of a TLS connection, as PEM files.

    ``ca`` signs the broker; ``None`` means the authorities this machine already trusts. ``certificate`` and ``key``
    identify this client where the broker asks for mutual TLS; they come together or not at all.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("a client certificate and its key come together")

    def context(self) -> ssl.SSLContext:
        """Read the files, anew each time: a certificate that was renewed counts from the next connection on.

        Raises:
            OSError: a file is missing or is no certificate or key (``ssl.SSLError`` is one), or the two are not a pair.
        """
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """One broker's listener. Safe to print: the password is not shown."""

    host: str
    port: int = MQTT_PORT
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: TlsFiles | None = None

    def __post_init__(self) -> None:
        if not self.host:
            raise ValueError("a broker address needs a host")
        if not 1 <= self.port <= 65_535:  # noqa: PLR2004 - the range of a TCP port
            raise ValueError(f"not a TCP port: {self.port}")
        if self.password is not None and self.username is None:
            raise ValueError("a password needs a user name")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


def parse_url(url: str, *, tls: TlsFiles | None = None) -> BrokerAddress:
    """Read ``mqtt://[user[:password]@]host[:port]`` or ``mqtts://...``.

    ``tls`` names the certificates for ``mqtts``; without it the machine's own authorities are trusted.

    Raises:
        ValueError: another scheme, no host, a bad port, a path, or certificates for a plain connection.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"mqtt", "mqtts"}:
        raise ValueError(f"a broker address starts with mqtt:// or mqtts://, not {parts.scheme or 'nothing'!r}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("a broker address has no path")
    secure = parts.scheme == "mqtts"
    if tls is not None and not secure:
        raise ValueError("certificates are for mqtts://, this address is mqtt://")
    port = parts.port  # the standard library checks its range and raises ValueError
    return BrokerAddress(
        host=parts.hostname or "",
        port=port if port is not None else (MQTTS_PORT if secure else MQTT_PORT),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=(tls or TlsFiles()) if secure else None,
    )
