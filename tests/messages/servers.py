"""Real receivers on this machine: a mail server, one that never speaks, and a receiver of calls."""

import asyncio
import datetime
import ipaddress
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "cmdb", "pa:ss @word"


def certificate(folder, name="127.0.0.1"):
    """A TLS context of a server on this machine, and the file of the authority that vouches."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(name))]
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    authority, private = folder / "authority.pem", folder / "key.pem"
    authority.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, private)
    return context, authority


@dataclass
class MailServer:
    """Use it as a context manager. `refuse` gives an answer by stage (RCPT, DATA), or None."""

    tls: ssl.SSLContext | None = None
    at_once: bool = False
    login: bool = False
    refuse: Callable[[str, str], str | None] = lambda stage, to: None
    received: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,))
        self._thread.start()
        assert started.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        later = None if self.at_once else self.tls
        session: dict[str, Any] = {}
        if self.login:
            session = {"authenticator": self._check, "auth_required": True}
            session["auth_require_tls"] = later is not None

        def made() -> SMTP:
            # without SMTPUTF8, as many servers are
            return SMTP(self, tls_context=later, require_starttls=bool(later), **session)

        at_once = self.tls if self.at_once else None
        server = self._loop.run_until_complete(
            self._loop.create_server(made, sock=self._socket, ssl=at_once)
        )
        self._loop.call_soon(started.set)
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _check(self, server, session, envelope, mechanism, data) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=self.logins[-1] == (USER, PASSWORD), handled=False)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, server, session, envelope, address, options
    ) -> str:
        answer = self.refuse("RCPT", address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        answer = self.refuse("DATA", envelope.rcpt_tos[0])
        if answer is None or answer.startswith("2"):
            kept = (envelope.mail_from, envelope.rcpt_tos, envelope.content)
            self.received.append(kept)
        return answer or "250 OK"

    def mails(self):
        """What was received, as parsed by the standard library."""
        return [message_from_bytes(one[2], policy=policy.default) for one in self.received]


@contextmanager
def silent():
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def endless():
    """The port of a mail server whose second answer never ends, though it always says something."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def talk() -> None:
            caller, _ = listener.accept()
            with caller, suppress(OSError):
                caller.sendall(b"220 hello\r\n")
                while not ended.wait(0.02):
                    caller.sendall(b"250-and so on\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            thread.join()


@dataclass
class Posted:
    """One call as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A receiver of calls; `answer` gives the status and the body for each, by its number.

    With `gate` it waits for that before it answers; `tls` makes it speak https.
    """

    answer: Callable[[int], tuple[int, bytes]] = lambda number: (204, b"")
    gate: threading.Event | None = None
    tls: ssl.SSLContext | None = None
    calls: list[Posted] = field(default_factory=list)

    def __enter__(self) -> Self:
        owner, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                with lock:
                    owner.calls.append(Posted(self.path, headers, body))
                    number = len(owner.calls)
                if owner.gate is not None:
                    owner.gate.wait(30)
                status, said = owner.answer(number)
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                with suppress(OSError):  # the caller may have read enough
                    self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.gate is not None:
            self.gate.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}/hook?room=1"

    def ids(self) -> Counter[str]:
        """How often each message came."""
        return Counter(one.headers["webhook-id"] for one in self.calls)
