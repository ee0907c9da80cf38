"""`cmdb alert` and `cmdb listen`, as users start them."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data" / "alerts"
ESTATE = """
cis:
  - {key: db-1, type: server, name: db-1.example.org}
  - {key: web-1, type: server, name: web-1}
"""


@pytest.fixture
def estate(cmdb, tmp_path):
    file = tmp_path / "estate.yaml"
    file.write_text(ESTATE)
    assert cmdb("import", file).code == 0


@pytest.mark.usefixtures("estate")
def test_alerts_from_a_file(cmdb):
    file = DATA / "alertmanager.json"
    sent = cmdb("alert", "send", file, "--format", "alertmanager")
    assert (sent.code, sent.errors) == (0, ["2 new, 0 changed, 0 repeated, 0 of them unmatched"])
    again = cmdb("alert", "send", file, "--source", "alertmanager")
    assert again.errors == ["0 new, 0 changed, 2 repeated, 0 of them unmatched"]
    listed = cmdb("alert", "list", "--format", "json").json["alerts"]
    assert [one["items"] for one in listed if one["state"] == "firing"] == [
        [{"key": "db-1", "role": "affected"}]
    ]
    assert "NodeDown" in cmdb("alert", "list", "--ci", "db-1").out
    shown = cmdb("alert", "show", listed[0]["number"]).json
    assert shown["timeline"]
    assert cmdb("alert", "show", "ALT-none").code == 2


@pytest.mark.usefixtures("estate")
def test_the_review(cmdb):
    cmdb("alert", "send", DATA / "syslog.txt", "--format", "syslog")
    found = cmdb("alert", "unmatched", "--format", "json").json["alerts"]
    assert found
    number = found[0]["number"]
    assert cmdb("alert", "match", number, "web-1").errors == [f"{number} is about web-1"]
    assert number not in cmdb("alert", "unmatched").out


def test_what_is_broken_is_told(cmdb, tmp_path):
    file = tmp_path / "alerts.json"
    file.write_text('[{"labels": {"alertname": "A"}, "startsAt": "tomorrow"}]')
    sent = cmdb("alert", "send", file, "--format", "alertmanager")
    assert sent.code == 1
    assert "alerts[0]: 'startsAt' is 'tomorrow'" in sent.err
    assert cmdb("alert", "send", tmp_path / "none", "--format", "alertmanager").code == 2
    assert cmdb("alert", "send", file).code == 2


def test_rules(cmdb):
    shown = cmdb("alert", "rules").out
    assert "alertmanager" in shown
    assert "messages" in shown
    settings = cmdb("alert", "rules", "--format", "json").json["settings"]
    assert {one["kind"] for one in settings} == {"alert_rule", "alert_source"}


def test_listening_needs_a_place(cmdb):
    assert cmdb("listen").code == 2
    assert cmdb("listen", "--traps", "127.0.0.1:0").code == 2
    assert cmdb("listen", "--syslog", "nowhere").code == 2


@pytest.mark.parametrize("command", ["listen", "worker"])
def test_syslog_is_heard_until_a_signal(cmdb, store, command):
    words = [sys.executable, "-m", "api.cli", command, "--syslog", "127.0.0.1:0"]
    settings = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=settings) as process:
        port = 0
        for line in process.stderr:
            if found := re.search(r"syslog at port (\d+)", line):
                port = int(found[1])
            elif "Ctrl-C" in line:
                break
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for n in range(3):
                sender.sendto(b"<11>1 - web-1 app - m%d - it broke" % n, ("127.0.0.1", port))
        while len(cmdb("alert", "list", "--format", "json").json["alerts"]) < 3:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
    assert process.returncode == 0
    assert "3 taken; 0 dropped, 0 over the limit, 0 unreadable" in rest
