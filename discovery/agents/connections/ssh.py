"""Asks one host by SSH: a fixed script, given on standard input, and nothing else.

Which host keys are trusted: a credential's `host_keys` names them, as fingerprints or as OpenSSH
writes public keys; `*` is any. Without them a password is not sent at all. A private key is used
with whatever host key is there: that reveals nothing, the fingerprint becomes one of the host's
identifiers, and a host with another key is another host until somebody says otherwise.
"""

import asyncio
import base64
import hashlib
import ipaddress
import re
import socket
from collections.abc import Sequence
from contextlib import suppress

import asyncssh

from cmdb.errors import CMDBError
from discovery.agent import Context, Secret
from discovery.agents.connections.recording import Document
from discovery.asking import AskingFailed, NoCredential

KINDS = ("ssh_key", "ssh_password")
MOST_BYTES = 16 * 1024 * 1024
CONNECT_SECONDS = 5.0
COMMAND = "sh -s"

_BEGIN = """
LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH
echo "# at $(date -u +%Y-%m-%dT%H:%M:%SZ)"
name=$(hostname -f 2>/dev/null)
case $name in
    *.*) ;;
    *) name=$(hostname) ;;
esac
echo "# host $name"
ip -o link 2>/dev/null
ip -o address 2>/dev/null
"""
SCRIPTS = {
    "default": f"{_BEGIN}ss -tunapH || netstat -tunap\n",
    "sudo": f"{_BEGIN}sudo -n ss -tunapH || sudo -n netstat -tunap\n",
}
"""What is run on a host, by profile."""

HOST_KEYS = (
    *("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    *("rsa-sha2-512", "rsa-sha2-256"),
)
"""Kinds of host key, the preferred one first, so that a host always shows the same."""

_PUBLIC_KEY = re.compile(r"(?:ssh|ecdsa|sk)-[\w@.-]+\s+(AAAA[A-Za-z0-9+/]+=*)", re.ASCII)
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}", re.ASCII)


class CredentialNotUsed(CMDBError):
    """A credential that was not even offered to a host."""

    template = "{target}: credential '{credential}' was not used: {detail}"


class HostKeyNotKnown(CredentialNotUsed):
    """A host showed a key that a credential does not name."""

    template = (
        "{target}: its host key {fingerprint} is not one that credential '{credential}' is for;"
        " compare it on the host, and add it to 'host_keys' there"
    )


async def look(
    target: str, port: int, profile: str, context: Context
) -> Document | CMDBError | None:
    """The recording of a host; None where nobody answers, or what went wrong."""
    try:
        context.scope.check([ipaddress.ip_address(target)], "target")
        async with asyncio.timeout(context.scope.host_timeout):
            return await _look(target, port, profile, context)
    except TimeoutError:
        detail = f"it took more than {context.scope.host_timeout} seconds"
        return AskingFailed(target=target, detail=detail)
    except CMDBError as error:
        return error
    except (asyncssh.Error, OSError) as error:
        detail = " ".join(str(error).split()) or type(error).__name__
        return AskingFailed(target=target, detail=f"SSH failed: {detail}")


async def _look(target: str, port: int, profile: str, context: Context) -> Document | None:
    tried: set[str] = set()
    fault: CMDBError = NoCredential(target=target, kinds=" or ".join(KINDS))
    while (opened := await _open(target, port)) is not None:
        left = [one for one in context.secrets(target, KINDS) if one.name not in tried]
        if not left:
            opened.close()
            raise fault
        secret = left[0]
        tried.add(secret.name)
        user = secret.values.get("user", "")
        context.audit(f"ssh -p {port} {user}@{target} {COMMAND} < {profile}")
        try:
            return await _ask(opened, target, profile, secret, context)
        except asyncssh.PermissionDenied:
            context.refused(secret, target)
        except CredentialNotUsed as error:
            fault = error
        finally:
            opened.close()
    return None


async def _open(target: str, port: int) -> socket.socket | None:
    """A connection to a port; None when there is none to be had."""
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setblocking(False)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.get_running_loop().sock_connect(made, (target, port))
    except OSError:  # refused, unreachable, or too late
        made.close()
        return None
    except BaseException:
        made.close()
        raise
    return made


async def _ask(
    opened: socket.socket, target: str, profile: str, secret: Secret, context: Context
) -> Document:
    client = _Client(target, secret)
    try:
        connection = await asyncssh.connect(
            target,
            sock=opened,
            config=None,
            username=secret.values.get("user", ""),
            client_factory=lambda: client,
            known_hosts=([], [], []),
            server_host_key_algs=HOST_KEYS,
            client_keys=None,
            agent_path=None,
            gss_host=None,
            x509_trusted_certs=None,
            preferred_auth=("publickey", "password", "keyboard-interactive"),
        )
    except (asyncssh.HostKeyNotVerifiable, asyncssh.PermissionDenied):
        if client.fault is not None:
            raise client.fault from None
        raise
    async with connection:
        context.accepted(secret, target)
        answer = await _run(connection, target, SCRIPTS[profile])
    head = [f"# target {target}", f"# site {context.scope.site or ''}"]
    if client.fingerprint:
        head.append(f"# ssh-host-key {client.fingerprint}")
    return Document(target, "\n".join([*head, answer]))


async def _run(connection: asyncssh.SSHClientConnection, target: str, script: str) -> str:
    process = await connection.create_process(COMMAND, encoding=None)
    errors = asyncio.create_task(process.stderr.read(4096))
    answer = b""
    try:
        process.stdin.write(script.encode())
        process.stdin.write_eof()
        while chunk := await process.stdout.read(65_536):
            answer += chunk
            if len(answer) > MOST_BYTES:
                raise AskingFailed(target=target, detail=f"it sent more than {MOST_BYTES} bytes")
        await process.wait_closed()
        if process.exit_status != 0:
            said = " ".join((await errors).decode(errors="replace").split())
            detail = f"its tables cannot be read, the command ended with {process.exit_status}"
            raise AskingFailed(target=target, detail=f"{detail}: {said}")
    finally:
        errors.cancel()
        with suppress(asyncio.CancelledError, asyncssh.Error):
            await errors
        process.close()
    return answer.decode("utf-8", "replace")


class _Client(asyncssh.SSHClient):
    """Says which host key is good, and offers one credential, once."""

    def __init__(self, target: str, secret: Secret) -> None:
        self.target, self.secret = target, secret
        self.fingerprint = ""
        self.fault: CredentialNotUsed | None = None
        self._offered = False

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        """Whether a host key is one that the credential is for."""
        self.fingerprint = key.get_fingerprint()
        good = trusted(self.secret, self.fingerprint)
        if not good:
            self.fault = HostKeyNotKnown(
                target=self.target, fingerprint=self.fingerprint, credential=self.secret.name
            )
        return good

    def public_key_auth_requested(self) -> asyncssh.SSHKey | None:
        """The private key."""
        if self.secret.kind != "ssh_key" or self._once():
            return None
        values = self.secret.values
        try:
            return asyncssh.import_private_key(values["private_key"], values.get("passphrase"))
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, KeyError):
            self.fault = CredentialNotUsed(
                target=self.target,
                credential=self.secret.name,
                detail="its private key cannot be read; set it as OpenSSH writes it",
            )
            return None

    def password_auth_requested(self) -> str | None:
        """The password."""
        if self.secret.kind != "ssh_password" or self._once():
            return None
        return self.secret.values.get("password")

    def kbdint_auth_requested(self) -> str | None:
        """Answer questions only where the password was not asked for directly."""
        return "" if self.secret.kind == "ssh_password" and not self._offered else None

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str] | None:
        """Give the password to the one question for it."""
        if not prompts:
            return []
        if len(prompts) > 1 or self._once():
            return None
        return [self.secret.values.get("password", "")]

    def _once(self) -> bool:
        """Whether the credential was offered before; now it is."""
        before, self._offered = self._offered, True
        return before


def trusted(secret: Secret, fingerprint: str) -> bool:
    """Whether a host with this key may be given the credential."""
    named = secret.values.get("host_keys", "")
    if not named.strip():
        return secret.kind == "ssh_key"
    known = set(_FINGERPRINT.findall(named))
    for blob in _PUBLIC_KEY.findall(named):
        with suppress(ValueError):
            digest = hashlib.sha256(base64.b64decode(blob)).digest()
            known.add(f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}")
    return "*" in named.split() or fingerprint in known
