"""The way to HAVN, step by step: name, connection, certificate. For `havn doctor`."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from havn_ext.cli.verdict import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PATIENCE", "is_local", "reach"]

PATIENCE: Final = 10.0
"""Seconds for a connection, and for the certificate."""

_SOON: Final = 14  # days
_DAY: Final = 86400.0
_PROXIED: Final = ("http", "https", "all")


def is_local(host: str) -> bool:
    """Whether a host is this machine, by its name."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def reach(base_url: str, timeout: float) -> Iterator[Check]:
    """Goes the way to a base URL; ends at the first thing that fails.

    Args:
        base_url: A checked one.
        timeout: Seconds for each step.
    """
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    proxies = {scheme: proxy for scheme, proxy in getproxies().items() if proxy and scheme in _PROXIED}
    places = {scheme: _place(proxy) for scheme, proxy in proxies.items()}
    for scheme in (scheme for scheme, place in places.items() if place is None):
        # Whichever of them it is: no HTTP client can be made. What the variable holds may be a password.
        finding = f"{scheme.upper()}_PROXY is no address of a proxy"
        yield Check("DNS and TLS", "failed", finding, "write / @ : # in its name or password as %2F %40 %3A %23")
        return
    place = places.get(parts.scheme) or places.get("all")
    if place and not proxy_bypass(host):
        finding = f"calls go through the proxy {place}, which looks the name up"
        yield Check("DNS and TLS", "skipped", finding, "NO_PROXY names the hosts that need no proxy")
        return
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else "it can be no host's name"
        advice = "check HAVN_BASE_URL for typing errors, and this machine's DNS"
        yield Check("DNS", "failed", f"{host} is unknown here: {reason}", advice, unreachable=True)
        return
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    yield Check("DNS", "ok", f"{host}: {', '.join(addresses)}" if addresses != [host] else f"{host} is an address")
    yield from _connect(host, port, timeout, encrypted=parts.scheme == "https")


def _place(proxy: str) -> str | None:
    """Host and port of a proxy; None where its address can't be read."""
    try:
        where = urlsplit(proxy if "://" in proxy else f"//{proxy}")
        port = where.port or 80
    except ValueError:
        return None
    return f"{where.hostname}:{port}" if where.hostname else None


def _connect(host: str, port: int, timeout: float, *, encrypted: bool) -> Iterator[Check]:
    began = time.monotonic()
    try:
        connection = socket.create_connection((host, port), timeout)
    except OSError as error:
        reason = "nothing answers in time" if isinstance(error, TimeoutError) else error.strerror or str(error)
        advice = "check host and port, firewalls, and whether the service runs (`havn sandbox` starts one)"
        yield Check("connection", "failed", f"{host} port {port}: {reason}", advice, unreachable=True)
        return
    with closing(connection):
        yield Check("connection", "ok", f"port {port}, {(time.monotonic() - began) * 1000:.0f} ms")
        yield _certificate(connection, host) if encrypted else Check("TLS", "skipped", "http:// has none")


def _certificate(connection: socket.socket, host: str) -> Check:
    import httpx  # noqa: PLC0415  calls trust the same certificates

    try:
        with httpx.create_ssl_context().wrap_socket(connection, server_hostname=host) as secured:
            certificate, version = secured.getpeercert() or {}, secured.version()
    except ssl.SSLCertVerificationError as error:
        advice = (
            "is the clock right, and is something between here and HAVN opening connections? SSL_CERT_FILE names"
            " the certificates to trust"
        )
        return Check(
            "TLS", "failed", f"the certificate is not trusted: {error.verify_message}", advice, unreachable=True
        )
    except OSError as error:
        advice = "does this port speak TLS? A sandbox wants http://"
        return Check(
            "TLS", "failed", f"no encrypted connection: {error.strerror or error}", advice, unreachable=True
        )
    return _lasting(certificate, version)


def _lasting(certificate: dict[str, Any], version: str | None) -> Check:
    days = (ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()) / _DAY
    finding = f"{version}, certificate good for {days:.0f} days"
    if days < _SOON:
        return Check("TLS", "warning", finding, "HAVN has to renew it soon: tell HAVN if it does not")
    return Check("TLS", "ok", finding)
