"""What goes wrong when a service or a host is asked."""

from cmdb.errors import CMDBError


class AskingFailed(CMDBError):
    """A host or a service gave no answer that can be used."""

    template = "{target}: {detail}"


class NoCredential(CMDBError):
    """Nothing is left that could be tried at a target."""

    template = "{target}: there is no credential of the kind {kinds} that may still be tried there"
