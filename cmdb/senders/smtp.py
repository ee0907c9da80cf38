"""Mail by SMTP: one connection a mail, TLS as the settings say, and time limits on everything."""

import contextlib
import re
import smtplib
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from cmdb.services.delivery import Mail, NotDelivered, RouteDown, Undeliverable
from cmdb.settings import MailSettings

STEP_SECONDS, WHOLE_SECONDS = 10.0, 60.0
"""Time limits of one step of the conversation with the server, and of the whole."""

MOST_ADDRESS = 254
_ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]\\]+@[^\s<>@,;:\"()\[\]\\]+")


class SMTPSender:
    """Sends mail by the server of the settings; safe for many threads."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._server = f"{settings.host}:{settings.port}"
        self._tls = ssl.create_default_context()

    def __call__(self, mail: Mail) -> None:
        """Send a mail; NotDelivered."""
        message = composed(mail, self._settings.sender)
        with self._connected() as smtp:
            try:
                smtp.send_message(message)
            except smtplib.SMTPRecipientsRefused as error:
                code, said = next(iter(error.recipients.values()))
                raise _refused(mail.to, code, said) from None
            except smtplib.SMTPDataError as error:
                raise _refused(mail.to, error.smtp_code, error.smtp_error) from None
            except smtplib.SMTPNotSupportedError as error:
                raise Undeliverable(target=mail.to, detail=str(error)) from None
            except (smtplib.SMTPException, OSError) as error:
                raise self._down(error) from None

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A server that takes mail; RouteDown."""
        with contextlib.ExitStack() as stack:
            try:
                smtp = self._opened()
                stack.callback(smtp.close)
                stack.callback(_watched(smtp).cancel)
                self._begin(smtp)
            except (smtplib.SMTPException, OSError) as error:
                raise self._down(error) from None
            yield smtp
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()  # the mail is sent: how the server says goodbye changes nothing

    def _opened(self) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        if self._settings.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=STEP_SECONDS, context=self._tls)
        return smtplib.SMTP(host, port, timeout=STEP_SECONDS)

    def _begin(self, smtp: smtplib.SMTP) -> None:
        if self._settings.scheme == "smtp":
            smtp.starttls(context=self._tls)
        if self._settings.user:
            smtp.login(self._settings.user, self._settings.password)

    def _down(self, error: Exception) -> RouteDown:
        if isinstance(error, smtplib.SMTPAuthenticationError):
            detail = f"it does not let this user in: {_said(error.smtp_code, error.smtp_error)}"
        elif isinstance(error, smtplib.SMTPResponseException):
            detail = _said(error.smtp_code, error.smtp_error)
        else:
            detail = " ".join(str(error).split()) or type(error).__name__
        return RouteDown(target=self._server, detail=detail)


def composed(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it is sent; Undeliverable where the address is none."""
    if len(mail.to) > MOST_ADDRESS or not mail.to.isprintable() or not _ADDRESS.fullmatch(mail.to):
        raise Undeliverable(target=mail.to[:MOST_ADDRESS], detail="it is no address of mail")
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=_in_ascii(address))
    message["To"] = Address(addr_spec=_in_ascii(mail.to))
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.at, UTC))
    message["Message-ID"] = f"<{mail.id}@{_in_ascii(address).rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines
    message.set_content(mail.text, charset="utf-8", cte="base64")
    message["Content-Language"] = "zh-CN" if mail.language == "zh" else "en"
    return message


def _in_ascii(address: str) -> str:
    """The address with its domain as DNS has it; Undeliverable."""
    local, _, domain = address.rpartition("@")
    try:
        whole = f"{local}@{domain.encode('idna').decode()}"
        Address(addr_spec=whole)
    except ValueError:  # also what the standard library finds in it
        raise Undeliverable(target=address, detail="it is no address of mail") from None
    return whole


def _refused(to: str, code: int, said: bytes | str) -> NotDelivered:
    """What the server says of one mail: from 500 on it is for good (RFC 5321)."""
    kind = Undeliverable if code >= 500 else NotDelivered
    return kind(target=to, detail=_said(code, said))


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"the server says {code} {' '.join(text.split())}"


def _watched(smtp: smtplib.SMTP) -> threading.Timer:
    """Ends the conversation at the limit of the whole, however small the steps are."""

    def end() -> None:
        with contextlib.suppress(OSError):
            if smtp.sock is not None:
                smtp.sock.shutdown(2)

    timer = threading.Timer(WHOLE_SECONDS, end)
    timer.daemon = True
    timer.start()
    return timer
