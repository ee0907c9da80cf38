"""Connection tables by SSH, from real machines with a real dropbear, and what must not be tried."""

import ipaddress
import socket
import subprocess
import threading
from pathlib import Path

import asyncssh
import pytest

from cmdb.errors import CMDBError, Rejected
from cmdb.identity.observation import ObservedItem
from discovery.agent import Context, Covered, Secret, Shard, Task
from discovery.agents.connections import AGENT
from discovery.keyring import Keyring
from discovery.scope import Scope
from tests.discovery.namespaces import Namespace, cable

ADDRESS = "10.9.1.2"
RIGHT = (
    "$6$cmdbtest$52UYmSRHRBOTCa2GPh34Q27eehBEh3P/wPGIEJjFnlWjCOdG"
    "g/VjzEggQ9qETF2YYHvlaXTYBgOVB7IdqMHId/"
)
"""The password `right`, as /etc/shadow has it."""
SERVER = """
import socket, sys
listening = socket.create_server(("0.0.0.0", 8080))
to = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
sys.stdin.read()
"""


class Machine:
    """A machine with dropbear, whose root may log in with a key and a password."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        self.namespace, self.log = namespace, folder / "dropbear.log"
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        host_key = folder / "host_key"
        words = ["dropbearkey", "-t", "ed25519", "-f", str(host_key)]
        made = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        public = next(line for line in made.splitlines() if line.startswith("ssh-ed25519"))
        self.fingerprint = asyncssh.import_public_key(public).get_fingerprint()
        home, shadow = folder / "home", folder / "shadow"
        (home / ".ssh").mkdir(parents=True, mode=0o700)
        home.chmod(0o700)
        (home / ".ssh" / "authorized_keys").write_bytes(self.key.export_public_key())
        shadow.write_text(f"root:{RIGHT}:19000:0:99999:7:::\n")
        namespace.run("mount", "--bind", str(home), "/root")
        namespace.run("mount", "--bind", str(shadow), "/etc/shadow")
        namespace.start("dropbear", "-F", "-E", "-r", str(host_key), log=self.log)

    def secret(self, **more: str) -> Secret:
        private = self.key.export_private_key().decode()
        return Secret("key", "ssh_key", {"user": "root", "private_key": private, **more})

    def password(self, password: str, name: str = "password", **more: str) -> Secret:
        values = {"user": "root", "password": password, "host_keys": self.fingerprint}
        return Secret(name, "ssh_password", {**values, **more})

    def refusals(self) -> int:
        return self.log.read_text().count("Bad password attempt")


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """One machine, and this thread's: a cable between them."""
    with Namespace("alpha") as alpha, Namespace("scanner") as scanner:
        cable(alpha, "eth0", scanner, "eth0", mac="00:14:22:0a:00:02")
        alpha.ip(f"addr add {ADDRESS}/24 dev eth0", "link set eth0 up")
        scanner.ip("addr add 10.9.1.1/24 dev eth0", "link set eth0 up")
        made = Machine(alpha, tmp_path_factory.mktemp("alpha"))
        with scanner.entered():
            while True:
                try:
                    socket.create_connection((ADDRESS, 22)).close()
                    break
                except ConnectionRefusedError:
                    pass
            yield made


class Scan:
    """What a scan of these addresses tells."""

    def __init__(self, *secrets: Secret, targets: tuple[str, ...] = (ADDRESS,), **scope) -> None:
        allow = (ipaddress.ip_network("10.9.1.0/24"),)
        self.commands: list[str] = []
        self.keys = Keyring(secrets)
        self.context = Context(
            Scope(allow, **{"site": "hq", "rate": 10_000, **scope}),
            self.commands.append,
            secrets=self.keys.secrets,
            refused=self.keys.refused,
            accepted=self.keys.accepted,
        )
        shard = Shard("x", targets, "default", {"port": 22})
        self.events = list(AGENT.run(shard, self.context))

    @property
    def errors(self) -> list[str]:
        return [str(one) for one in self.events if isinstance(one, CMDBError)]

    @property
    def covered(self) -> list[str]:
        return [one.targets[0] for one in self.events if isinstance(one, Covered)]

    @property
    def items(self) -> dict[str, ObservedItem]:
        return {one.key: one for one in self.events if isinstance(one, ObservedItem)}


def test_a_machine_tells_what_listens_and_what_it_is_connected_with(machine):
    with socket.create_server(("10.9.1.1", 0)) as database:
        port = database.getsockname()[1]
        process = machine.namespace.open_process(
            "python3", "-c", SERVER, "10.9.1.1", str(port),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        try:
            assert process.stdout.readline() == b"ready\n"
            found = Scan(machine.secret())
        finally:
            process.communicate()
    assert found.errors == []
    assert found.covered == [ADDRESS]
    host = found.items[f"{ADDRESS}@hq"]
    assert host.attributes == {
        "hostname": "alpha",
        "ip_addresses": [ADDRESS],
        "mac_addresses": ["00:14:22:0a:00:02"],
        "ssh_host_keys": [machine.fingerprint],
        "site": "hq",
    }
    assert host.observed_at is not None
    assert {one.name for one in found.items.values()} == {
        "alpha", "dropbear tcp/22", "python3 tcp/8080",
    }  # fmt: skip
    names = [(getattr(one, "from_key", ""), getattr(one, "to_key", "")) for one in found.events]
    assert (f"{ADDRESS}@hq/port/8080", f"endpoint:10.9.1.1/tcp/{port}@hq") in names
    assert found.commands == [f"ssh -p 22 root@{ADDRESS} sh -s < default"]


def test_the_password_goes_only_to_a_host_that_is_known(machine):
    before = machine.refusals()
    assert Scan(machine.password("right")).errors == []
    for host_keys in ("", "SHA256:" + "A" * 43):
        found = Scan(machine.password("wrong", host_keys=host_keys))
        assert found.errors == [
            f"{ADDRESS}: its host key {machine.fingerprint} is not one that credential 'password'"
            " is for; compare it on the host, and add it to 'host_keys' there"
        ]
        assert found.covered == []
    assert machine.refusals() == before
    assert Scan(machine.password("right", host_keys="*")).errors == []
    assert Scan(machine.secret(host_keys="SHA256:" + "A" * 43)).covered == []


def test_a_wrong_password_is_tried_once_and_the_next_credential_after_it(machine):
    before = machine.refusals()
    found = Scan(machine.password("wrong"), machine.secret())
    assert found.errors == []
    assert machine.refusals() == before + 1
    assert len(found.commands) == 2


def test_no_more_than_two_wrong_passwords_of_one_user(machine):
    before = machine.refusals()
    found = Scan(*(machine.password("wrong", f"p{n}") for n in range(4)), machine.password("right"))
    assert found.errors == [
        f"{ADDRESS}: there is no credential of the kind ssh_key or ssh_password that may still"
        " be tried there"
    ]
    assert machine.refusals() == before + 2


def test_an_address_where_nobody_answers_was_looked_at(machine):
    machine.namespace.ip("addr add 10.9.1.3/24 dev eth0")
    found = Scan(machine.secret(), targets=("10.9.1.1",))
    assert (found.errors, found.covered, found.commands) == ([], ["10.9.1.1"], [])


def test_a_denied_address_is_refused_again_before_anything_leaves(machine):
    denied = (ipaddress.ip_network(f"{ADDRESS}/32"),)
    found = Scan(machine.secret(), deny=denied)
    assert (found.covered, found.commands) == ([], [])
    assert "outside the scope" in found.errors[0]


def test_a_command_that_fails_says_so_and_covers_nothing(machine):
    name = machine.namespace.run("sh", "-c", "command -v ss").strip()
    machine.namespace.run("mount", "--bind", "/bin/false", name)
    machine.namespace.run("mount", "--bind", "/bin/false", "/bin/netstat")
    try:
        found = Scan(machine.secret())
    finally:
        machine.namespace.run("umount", "/bin/netstat")
        machine.namespace.run("umount", name)
    assert found.covered == []
    detail = "its tables cannot be read, the command ended with 1:"
    assert [one.strip() for one in found.errors] == [f"{ADDRESS}: {detail}"]


def test_a_host_that_never_answers_ends_with_the_scan(machine):
    """A port that takes connections and says nothing; the scan is cancelled once it is there."""
    with socket.create_server(("10.9.1.1", 0)) as silent:
        scope = Scope((ipaddress.ip_network("10.9.1.0/24"),))
        context = Context(scope, lambda command: None, secrets=lambda *_: [machine.secret()])
        port = silent.getsockname()[1]

        def cancel() -> None:
            taken, _ = silent.accept()
            with taken:
                taken.recv(1)
                context.cancelled.set()
                while taken.recv(4096):  # until the other side ends it
                    pass

        thread = threading.Thread(target=cancel)
        thread.start()
        found = list(AGENT.run(Shard("x", ("10.9.1.1",), "default", {"port": port}), context))
        thread.join()
    assert found == []


def test_the_plan_leaves_out_what_is_denied_and_names_what_is_wrong():
    allow = (ipaddress.ip_network("10.9.0.0/22"),)
    deny = (ipaddress.ip_network("10.9.1.0/24"),)
    scope = Scope(allow, deny, forbidden_ports=frozenset({2222}))
    shards = AGENT.plan(scope, Task(allow))
    targets = [one for shard in shards for one in shard.targets]
    assert len(targets) == 254 + 510
    assert not any(one.startswith("10.9.1.") for one in targets)
    assert shards == AGENT.plan(scope, Task(allow))
    assert max(len(shard.targets) for shard in shards) <= 256
    with pytest.raises(Rejected) as caught:
        AGENT.plan(scope, Task(allow, profile="root", options={"port": 2222, "command": "x"}))
    assert len(caught.value.errors) == 3
