"""Mail to a real server: TLS and login, what goes wrong, and hostile parameters."""

import email.utils
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.messages.templates import Words, default_templates, rendered
from cmdb.senders import smtp
from cmdb.senders.smtp import SMTPSender, composed
from cmdb.services.delivery import Mail, NotDelivered, RouteDown, Undeliverable
from cmdb.settings import MailSettings
from tests.messages.servers import PASSWORD, USER, MailServer, certificate, endless, silent

SENDER = "配置管理 <cmdb@example.org>"
HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("Content-Type", "Content-Transfer-Encoding", "MIME-Version", "Content-Language"),
]


def settings(server, scheme="smtp+plain", **more):
    port = server if isinstance(server, int) else server.port
    return MailSettings(scheme, "127.0.0.1", port, SENDER, **more)


def mail(**more):
    values = {
        "id": "0f3a",
        "to": "li.wei@example.org",
        "subject": "[INC-1] 已分派给您：数据库无响应",
        "text": "工单 INC-1\n.\n..点\n",
        "language": "zh",
        "at": 1_800_000_000.0,
    }
    return Mail(**{**values, **more})


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(smtp, "STEP_SECONDS", 5.0)


def test_a_chinese_mail_arrives_as_it_was_written():
    with MailServer() as server:
        SMTPSender(settings(server))(mail())
    ((sender, to, _),) = server.received
    assert (sender, to) == ("cmdb@example.org", ["li.wei@example.org"])
    (got,) = server.mails()
    assert got["Subject"] == "[INC-1] 已分派给您：数据库无响应"
    assert got["From"] == SENDER
    assert got.get_content().replace("\r\n", "\n") == "工单 INC-1\n.\n..点\n"
    assert got.get_content_type() == "text/plain"
    assert got["Message-ID"] == "<0f3a@example.org>"
    assert (got["Auto-Submitted"], got["Content-Language"]) == ("auto-generated", "zh-CN")
    assert email.utils.parsedate_to_datetime(got["Date"]).timestamp() == 1_800_000_000


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_tls_and_login(tmp_path, monkeypatch, scheme):
    context, authority = certificate(tmp_path)
    with MailServer(context, at_once=scheme == "smtps", login=True) as server:
        known = settings(server, scheme, user=USER, password=PASSWORD)
        with pytest.raises(RouteDown, match="CERTIFICATE_VERIFY_FAILED"):
            SMTPSender(known)(mail())
        assert server.logins == []  # nothing secret to who cannot prove who it is
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        SMTPSender(known)(mail())
        assert server.logins == [(USER, PASSWORD)]
        wrong = SMTPSender(settings(server, scheme, user=USER, password="s3cret-mark"))
        with pytest.raises(RouteDown, match="does not let this user in") as caught:
            wrong(mail())
        assert "s3cret-mark" not in str(caught.value) + repr(wrong._settings)
    assert len(server.received) == 1


def test_without_starttls_nothing_is_sent():
    with MailServer() as server, pytest.raises(RouteDown, match="STARTTLS"):
        SMTPSender(settings(server, "smtp", user=USER, password=PASSWORD))(mail())
    assert server.received == []


@pytest.mark.parametrize(
    ("stage", "answer", "kind"),
    [
        ("RCPT", "550 no such user", Undeliverable),
        ("RCPT", "450 try later", NotDelivered),
        ("DATA", "554 spam", Undeliverable),
        ("DATA", "452 disk full", NotDelivered),
    ],
)
def test_what_the_server_refuses(stage, answer, kind):
    refusing = MailServer(refuse=lambda at, to: answer if at == stage else None)
    with refusing as server, pytest.raises(NotDelivered) as caught:
        SMTPSender(settings(server))(mail())
    assert type(caught.value) is kind
    assert str(caught.value) == f"li.wei@example.org: the server says {answer}"


def test_servers_that_are_not_there_or_say_nothing(monkeypatch):
    monkeypatch.setattr(smtp, "STEP_SECONDS", 0.2)
    with silent() as port, pytest.raises(RouteDown, match=f"127.0.0.1:{port}: .*timed out"):
        SMTPSender(settings(port))(mail())
    with pytest.raises(RouteDown, match="refused"):
        SMTPSender(settings(port))(mail())


def test_the_whole_has_a_limit(monkeypatch):
    monkeypatch.setattr(smtp, "WHOLE_SECONDS", 0.2)
    with endless() as port, pytest.raises(RouteDown):
        SMTPSender(settings(port))(mail())


@pytest.mark.parametrize(
    "to",
    [
        *("", "nobody", "@x", "x@", "a@b@c", "a@b,c@d", "a b@c", "<a@b>", "a@b\r\nBcc: c@d"),
        *("a@b\nc", "a@b c", '"a"@b', "a@" + "b" * 300, "a@b\x00", "a@..", "a@b;c@d"),
    ],
)
def test_what_is_no_address(to):
    with pytest.raises(Undeliverable):
        composed(mail(to=to), SENDER)


def test_names_of_domains_in_other_scripts():
    assert composed(mail(to="li@例子.cn"), SENDER)["To"] == "li@xn--fsqu00a.cn"
    with pytest.raises(Undeliverable):
        composed(mail(to="李@example.org"), SENDER)


HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from("\r\n\t\x00\x0b\x85\u2028: ,<>{}")))


@given(st.dictionaries(st.sampled_from(["number", "title", "text", "person", "url"]), HOSTILE))
def test_no_parameter_makes_a_header(parameters):
    template = default_templates()["ticket_assigned"]
    for words in (template.en, template.zh, Words(subject="{title}", text="{text}{title}")):
        said = rendered(words, parameters)
        sent = composed(mail(subject=said.subject, text=said.text), SENDER).as_bytes()
        got = message_from_bytes(sent, policy=policy.default)
        assert got.keys() == HEADERS
        assert got["To"] == "li.wei@example.org"
        assert got.get_content().replace("\r\n", "\n") == said.text


def test_hostile_parameters_arrive_as_text():
    parameters = {"title": "x\r\nBcc: evil@example.org\r\n\r\nPay now", "text": "<b>\r\n.\r\nQUIT"}
    said = rendered(default_templates()["ticket_assigned"].en, parameters)
    with MailServer() as server:
        SMTPSender(settings(server))(mail(subject=said.subject, text=said.text))
    (got,) = server.mails()
    assert got["Bcc"] is None
    assert got["Subject"] == "[] Assigned to you: x Bcc: evil@example.org Pay now"
    assert server.received[0][1] == ["li.wei@example.org"]
    assert "<b>\n.\nQUIT" in got.get_content().replace("\r\n", "\n")
