"""GLPI Agent's protocol, spoken by a client that does what the agent does.

Facts of the protocol, from the agent's own documentation and behaviour: messages are JSON in a
POST, packed by zlib unless told otherwise; the first request has no login, and a 401 whose
WWW-Authenticate begins with Basic is answered with one; an answer counts when it has a `status`.
"""

import base64
import gzip
import zlib

import orjson
import pytest

from api.http.resources import glpi
from api.http.routing import MAX_LARGE_BODY
from tests.api.conftest import V1, check_form
from tests.glpi_reading import LAPTOP, example, inventory

PATH = f"{V1}/discovery/glpi"
AGENT_ID = "5b4f9d3e-8a54-4a3f-9d36-0c2a5b1c7f11"


class Agent:
    """The HTTP side of the agent, on one server."""

    def __init__(self, client, password=None, packing="zlib", user="agent"):
        self.client, self.packing = client, packing
        self.login = None if password is None else f"{user}:{password}"
        self.headers = {
            "Content-Type": {
                "zlib": "application/x-compress-zlib",
                "gzip": "application/x-compress-gzip",
                "none": "application/json",
            }[packing],
            "Pragma": "no-cache",
            "GLPI-Agent-ID": AGENT_ID,
            "GLPI-Request-ID": "3FA9C012",
        }

    def send(self, message):
        """Send a message: without login first, then with it when asked."""
        content = message if isinstance(message, bytes) else orjson.dumps(message)
        pack = {"zlib": zlib.compress, "gzip": gzip.compress, "none": bytes}[self.packing]
        got = self.client.post(PATH, content=pack(content), headers=self.headers)
        asked = got.headers.get("WWW-Authenticate", "").split(",")[0]
        if got.status_code == 401 and self.login and asked == 'Basic realm="cmdb"':
            login = base64.b64encode(self.login.encode()).decode()
            headers = {**self.headers, "Authorization": f"Basic {login}"}
            got = self.client.post(PATH, content=pack(content), headers=headers)
        return got

    def prolog(self):
        """What the agent says to a server it does not know."""
        return self.send(
            b'<?xml version="1.0" encoding="UTF-8" ?>\n<REQUEST><DEVICEID>pc-1</DEVICEID>'
            b"<QUERY>PROLOG</QUERY><TOKEN>12345678</TOKEN></REQUEST>"
        )

    def contact(self):
        tasks = ["inventory"]
        return self.send(
            {
                "action": "contact",
                "deviceid": "pc-1",
                "name": "GLPI-Agent",
                "version": "1.11",
                "installed-tasks": tasks,
                "enabled-tasks": tasks,
                "tag": "000005",
            }
        )


@pytest.fixture
def password(token):
    return token("collector", source="office")


@pytest.fixture
def agent(client, password):
    return Agent(client, password)


def test_contact(agent):
    got = agent.contact()
    assert got.status_code == 200
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["GLPI-Request-ID"] == "3FA9C012"
    assert got.json() == {
        "status": "ok",
        "expiration": 24,
        "tasks": {"inventory": {"server": "glpi", "version": "10.0.0"}},
    }


@pytest.mark.parametrize("packing", ["zlib", "gzip", "none"])
def test_an_inventory_goes_in(client, password, admin, packing):
    got = Agent(client, password, packing).send(example("computer_1"))
    assert (got.status_code, got.json()) == (200, {"status": "ok", "expiration": 24})
    shown = admin.get(f"/cis/office:{LAPTOP}").json()
    assert (shown["type"], shown["attributes"]["serial_number"]) == ("endpoint", "640HP72")
    assert [claim["source"] for claim in shown["claims"]] == ["office"]


def test_the_partial_after_the_whole_changes_only_what_it_says(agent, env, admin):
    agent.send(example("computer_1"))

    def cis():
        page = admin.get("/cis?limit=1000").json()
        return {one.pop("key"): one for one in page["items"] if one.pop("version")}

    whole = cis()
    assert agent.send(example("computer_1_partial_softs")).json()["status"] == "ok"
    after = cis()
    assert after.keys() == whole.keys()
    changed = {key for key in whole if whole[key] != after[key]}
    package = f"{LAPTOP}/package/gitg/x86_64"
    assert changed == {package}
    was, now = whole[package]["attributes"], after[package]["attributes"]
    assert now == {**was, "version": "3.33.0-1.fc31"}


def test_databases_and_guests_of_partial_inventories(agent, admin):
    for name in ("computer_2", "computer_2_partial_dbs", "computer_2_partial_vms"):
        assert "message" not in agent.send(example(name)).json()
    types = [one["type"] for one in admin.get("/cis?limit=1000").json()["items"]]
    assert types.count("database") == 5
    assert types.count("container") == 5
    assert types.count("virtual_machine") == 1


def test_a_neighbour_becomes_the_device_once_it_tells_of_itself(agent, admin):
    agent.send(example("networkequipment_1"))
    assert admin.get("/cis/n9k-2-pa3").json()["type"] == "unclassified"
    device = {"name": "n9k-2-pa3", "ips": ["10.1.0.58"], "serial": "SAL1234", "model": "N9K switch"}
    agent.send({**inventory("NetworkEquipment", network_device=device), "deviceid": "n9k"})
    found = admin.get("/cis/n9k-2-pa3").json()
    assert found["type"] == "switch"
    assert {alias["key"] for alias in found["aliases"]} == {
        "n9k",
        "foo/ssi1912014b/neighbour/n9k-2-pa3",
    }


def test_what_is_wrong_with_an_inventory_is_told_and_the_rest_goes_in(agent, admin):
    memory = [{"name": f"p{n}", "filesize": "big"} for n in range(12)]
    got = agent.send(inventory(hardware={"name": "pc", "memory": []}, softwares=memory))
    answer = got.json()
    assert (got.status_code, answer["status"]) == (200, "ok")
    assert "pc-1.softwares[0]: 'filesize' is 'big', but must be a number" in answer["message"]
    assert answer["message"].endswith("; … 3")
    assert admin.get("/cis/office:pc-1").json()["name"] == "pc"


def test_what_is_no_inventory_is_an_error_that_the_agent_can_show(agent):
    for message, words in (
        ({"action": "inventory", "deviceid": "x"}, "'content' is null"),
        ({"action": "inventory", "content": {}}, "required field 'deviceid' is missing"),
        ({"action": "deploy"}, "must be one of contact"),
        ([1], "must be an object"),
    ):
        got = agent.send(message)
        assert got.status_code == 422
        check_form(got)
        assert words in got.json()["message"]


def test_params_are_none(agent):
    got = agent.send({"action": "get_params", "deviceid": "x", "use": ["1"]})
    assert got.json() == {"status": "ok", "credentials": []}


def test_an_agent_that_does_not_know_the_server_yet(agent):
    got = agent.prolog()
    assert got.json() == agent.contact().json()


def test_old_agents_are_told_the_remedy(agent):
    xml = b"<REQUEST><DEVICEID>x</DEVICEID><QUERY>INVENTORY</QUERY></REQUEST>"
    newer = agent.send(xml)
    del agent.headers["GLPI-Agent-ID"]
    for got in (newer, agent.send(xml), agent.prolog()):
        assert (got.status_code, got.json()["code"]) == (415, "OldAgent")
        assert "use GLPI Agent 1.0 or later" in got.json()["message"]
        check_form(got)


def test_no_bomb_goes_off(agent, client):
    packed = zlib.compress(b" " * (glpi.MAX_UNPACKED + 1), 9)
    agent.packing = "none"
    agent.headers["Content-Type"] = "application/x-compress-zlib"
    got = agent.send(packed)
    assert (got.status_code, got.json()["code"]) == (413, "UnpackedTooLarge")
    assert "no-category" in got.json()["message"]
    for content in (b"x", packed[:-10000], b"", gzip.compress(b"{}")[:-4]):
        got = agent.send(content)
        assert (got.status_code, got.json()["code"]) == (400, "UnreadableInput")
    assert agent.send(b"x" * (MAX_LARGE_BODY + 1)).status_code == 413


@pytest.mark.parametrize("content", [b"{", b"\xff", b"", b"NaN", b"[" * 100_000])
def test_broken_json(client, password, content):
    got = Agent(client, password, "none").send(content)
    assert got.status_code == 400
    check_form(got)


def test_other_media_types(agent):
    agent.headers["Content-Type"] = "text/plain"
    assert agent.contact().status_code == 415


def test_logins(client, password, token):
    assert Agent(client).contact().status_code == 401
    assert Agent(client, "wrong").contact().status_code == 401
    assert Agent(client, password, user="").contact().status_code == 200
    assert Agent(client, token("viewer")).contact().status_code == 403
    bearer = {"Authorization": f"Bearer {password}", "Content-Type": "application/json"}
    assert client.post(PATH, content=b'{"action": "contact"}', headers=bearer).status_code == 200
    for junk in ("Basic", "Basic !", "Basic YQ==", "Basic /w=="):
        got = client.post(PATH, content=b"{}", headers={**bearer, "Authorization": junk})
        assert got.status_code == 401
        check_form(got)
        assert got.headers["WWW-Authenticate"].startswith('Basic realm="cmdb", Bearer')


def test_no_other_path_takes_a_basic_login(client, token):
    login = base64.b64encode(f"x:{token('editor')}".encode()).decode()
    for path in ("/cis", "/observations", "/discovery/glpi/more"):
        got = client.get(V1 + path, headers={"Authorization": f"Basic {login}"})
        assert got.status_code == 401
        assert got.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_a_source_in_the_token_it_is_glpi(client, token, admin):
    Agent(client, token("collector")).send(inventory(hardware={"name": "pc"}))
    assert admin.get("/cis/glpi:pc-1").status_code == 200


def test_messages_in_chinese(client, password):
    agent = Agent(client, password)
    agent.headers["Accept-Language"] = "zh"
    assert "旧版代理" in agent.send(b"<xml/>").json()["message"]
