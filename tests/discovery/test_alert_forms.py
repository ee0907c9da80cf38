"""Forms of alerts: recordings of each, and what is broken or hostile."""

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import CMDBError
from cmdb.services.times import moment
from cmdb.tickets.alerts import MOST_SUMMARY, Alert
from cmdb.tickets.configuration.alerts import AlertMapping, AlertSource
from discovery.alerting import Received, host_evidence, names, read, severity_of

DATA = Path(__file__).parents[1] / "data" / "alerts"
NOW = moment("2026-03-01T08:10:00Z", "test", "now")


def taken(form, body, now=NOW, **source):
    """What a source of a form takes from bytes."""
    made = AlertSource(name=form.replace("_", "-"), format=form, **source)
    return list(read(Received(body, made, now, "192.0.2.9")))


def recorded(name, form=None, **source):
    form = form or name.partition(".")[0]
    found = taken(form, (DATA / name).read_bytes(), **source)
    assert [one for one in found if isinstance(one, CMDBError)] == []
    return found


def said(**values):
    return orjson.dumps(values)


def test_alertmanager():
    down, well = recorded("alertmanager.json")
    assert (down.name, down.firing, down.severity) == ("NodeDown", True, "critical")
    assert down.at == moment("2026-03-01T08:00:00.123456Z", "", "")
    assert down.fingerprint == "b1946ac92492d234"
    assert down.summary == "db-1 does not answer No scrape for 2 minutes."
    assert down.evidence["hostname"] == ("db-1.example.org",)
    assert down.evidence["fqdn"] == ("db-1.example.org",)
    assert (well.firing, well.at) == (False, moment("2026-03-01T07:40:00Z", "", ""))
    assert well.evidence == {"ip_addresses": ("10.0.0.7",)}


def test_alertmanager_without_a_fingerprint_tells_alerts_by_their_labels():
    one = {"labels": {"alertname": "A", "x": "1"}, "startsAt": "2026-03-01T08:00:00Z"}
    two = {**one, "labels": {"x": "1", "alertname": "A"}}
    other = {**one, "labels": {"x": "2", "alertname": "A"}}
    found = taken("alertmanager", orjson.dumps([one, two, other]))
    assert found[0].number == found[1].number != found[2].number


def test_zabbix_media_type():
    (one,) = recorded("zabbix.json")
    assert (one.name, one.firing, one.severity) == ("Zabbix agent is not available", True, "error")
    assert one.fingerprint == "trigger 13491 10084"
    assert one.evidence["hostname"] == ("web-1", "Web server 1")
    assert one.evidence["ip_addresses"] == ("10.0.0.11",)
    assert "serial_number" not in one.evidence
    body = orjson.loads((DATA / "zabbix.json").read_bytes())
    recovered = {**body, "event_value": "0", "event_recovery_timestamp": "1772352300"}
    (well,) = taken("zabbix", orjson.dumps(recovered))
    assert (well.number, well.firing, well.at) == (one.number, False, 1772352300.0)


def test_zabbix_connector():
    down, well = recorded("zabbix.ndjson", "zabbix")
    assert (down.firing, well.firing) == (True, False)
    assert down.number == well.number
    assert (down.severity, down.at) == ("error", 1772352000.519)
    assert down.evidence["reference"] == ("sw-core-1", "Core switch 1")


def test_syslog():
    failed, event, down, up, disk = recorded("syslog.txt")
    assert failed.severity == "critical"
    assert failed.summary == "'su root' failed for lonvick on /dev/pts/8"
    assert failed.evidence["fqdn"] == ("mail-1.example.org",)
    assert (event.severity, event.summary) == ("info", "An application event")
    assert (down.firing, up.firing, down.severity) == (True, False, "error")
    assert down.number == up.number
    assert down.evidence == {"ip_addresses": ("192.0.2.9",)}
    assert disk.labels == {"host": "web-2", "program": "kernel"}


def test_messages_about_other_interfaces_are_other_alerts():
    lines = [
        f"<187>: %LINK-3-UPDOWN: Interface GigabitEthernet1/0/{port}, changed state to down"
        for port in (1, 2, 1)
    ]
    one, two, again = taken("syslog", "\n".join(lines).encode())
    assert one.number == again.number != two.number


def test_snmp_traps():
    down, up, start, other = recorded("snmp_trap.json")
    assert down.name == "192.0.2.10 linkDown GigabitEthernet1/0/24"
    assert (down.firing, up.firing) == (True, False)
    assert down.number == up.number
    assert start.name == "10.1.1.1 coldStart"
    assert start.evidence["ip_addresses"] == ("10.1.1.1", "192.0.2.11")
    assert other.name == "edge-1 trap 1.3.6.1.4.1.9.9.43.2.0.1"
    assert other.evidence["hostname"] == ("edge-1",)


MAPPING = AlertMapping(
    alerts="data.problems",
    fingerprint=("check.id", "target.0"),
    name="check.title",
    state="check.status",
    at="times.began",
    ended="times.over",
    severity="check.level",
    severities={"1": "critical"},
    summary="text",
    labels="tags",
    evidence={"hostname": "target.0", "serial_number": "hardware.serial", "key": "cmdb"},
)
PROBLEM = {
    "check": {"id": 7, "title": "Disk full", "status": "PROBLEM", "level": 1},
    "target": ["web-1"],
    "times": {"began": 1772352000000, "over": None},
    "text": "97 % used",
    "tags": {"fs": "/var"},
    "hardware": {"serial": "ABC123"},
}


def test_generic_reads_what_its_mapping_says():
    body = said(data={"problems": [PROBLEM]})
    (one,) = taken("generic", body, mapping=MAPPING, site="hq")
    assert (one.name, one.firing, one.severity) == ("Disk full", True, "critical")
    assert (one.fingerprint, one.at) == ("7web-1", 1772352000.0)
    assert one.labels == {"fs": "/var"}
    assert one.evidence["serial_number"] == ("ABC123",)
    assert one.evidence["site"] == ("hq",)
    over = {**PROBLEM, "check": {**PROBLEM["check"], "status": "ok"}}
    over["times"] = {"began": 1772352000, "over": "2026-03-01T08:05:00Z"}
    (well,) = taken("generic", said(data={"problems": [over]}), mapping=MAPPING)
    assert (well.number, well.firing) == (one.number, False)
    assert well.at == moment("2026-03-01T08:05:00Z", "", "")


def test_generic_needs_no_mapping_for_its_own_names():
    body = said(fingerprint="x", name="It burns", state="firing", at="2026-03-01T08:00:00Z", ci="a")
    (one,) = taken("generic", body)
    assert one.evidence == {"reference": ("a",)}


@pytest.mark.parametrize(
    ("form", "body", "words"),
    [
        ("alertmanager", b"{", "it is not JSON"),
        ("alertmanager", b"[" * 100_000, "it is not JSON"),
        ("alertmanager", b'"x"', "an object"),
        ("alertmanager", said(alerts={}), "a list"),
        ("snmp_trap", b"\xff\xfe", "it is not JSON"),
        ("generic", b"NaN", "it is not JSON"),
        ("smoke", b"{}", "unknown format 'smoke'"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused(form, body, words):
    with pytest.raises(CMDBError, match=words):
        taken(form, body)


ONE = {"labels": {"alertname": "A"}, "startsAt": "2026-03-01T08:00:00Z", "fingerprint": "f"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"startsAt": "yesterday"}, "ISO 8601"),
        ({"startsAt": None}, "ISO 8601"),
        ({"startsAt": "2026-03-01T08:20:00Z"}, "not in the future"),
        ({"startsAt": "9999-12-31T23:59:59Z"}, "not in the future"),
        ({"startsAt": "1990-01-01T00:00:00Z"}, "after 1999"),
        ({"startsAt": 1e300}, "beyond all years"),
        ({"startsAt": "99999999999999999"}, "ISO 8601"),
        ({"labels": {}}, "labels.alertname"),
        ({"labels": {"alertname": "\u200b"}}, "'name' is missing"),
        ({"status": "burning"}, "'firing' or 'resolved'"),
        ({"fingerprint": "f" * 2000}, "at most 1024 characters"),
    ],
)
def test_broken_alerts_are_told_and_the_others_taken(change, words):
    broken, good = taken("alertmanager", orjson.dumps([{**ONE, **change}, ONE]))
    assert isinstance(broken, CMDBError)
    assert words in str(broken)
    assert isinstance(good, Alert)


def test_texts_are_cut_and_what_nobody_sees_is_left_out():
    huge = {f"label{n}": "v" * 5000 for n in range(500)}
    labels = {**huge, "alertname": "A\x00B\u202e" + "x" * 999}
    body = orjson.dumps([{**ONE, "labels": labels, "annotations": {"summary": "s" * 100_000}}])
    (one,) = taken("alertmanager", body)
    assert len(one.name) <= 256
    assert one.name.startswith("ABx")
    assert len(one.summary) == MOST_SUMMARY
    assert len(one.labels) == 64
    assert max(map(len, one.labels.values())) == 256


def test_too_many_alerts_are_told():
    found = taken("alertmanager", orjson.dumps([ONE] * 10_002))
    assert len(found) == 10_001
    assert "more than 10000" in str(found[-1])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("db-1:9100", ("db-1",)),
        ("10.0.0.1:443", ("10.0.0.1",)),
        ("[2001:db8::1]:161", ("2001:db8::1",)),
        ("2001:db8::1", ("2001:db8::1",)),
        ("fe80::1%eth0", ("fe80::1",)),
    ],
)
def test_names_of_machines(text, found):
    evidence = host_evidence(text)
    assert evidence.get("ip_addresses", evidence.get("hostname")) == found


def test_words_for_how_bad_it_is():
    assert severity_of("DISASTER") == "critical"
    assert severity_of("whatever") == "warning"
    assert severity_of("S1", {"S1": "critical"}) == "critical"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                (
                    *("alerts", "labels", "alertname", "status", "startsAt", "endsAt", "value"),
                    *("eventid", "p_eventid", "clock", "hosts", "tags", "tag", "event_value"),
                    *("trigger_id", "variables", "sender", "fingerprint", "name", "state", "at"),
                )
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(form=st.sampled_from(names()), data=JSON, junk=st.binary(max_size=60))
def test_nothing_that_is_sent_breaks_a_form(form, data, junk):
    for body in (orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS, default=str), junk):
        try:
            found = taken(form, body)
        except CMDBError:
            continue
        assert all(isinstance(one, Alert | CMDBError) for one in found)
        for one in found:
            assert isinstance(one, CMDBError) or one.at <= NOW + 300
