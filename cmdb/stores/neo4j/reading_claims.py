"""Reading claims from Neo4j."""

from collections.abc import Iterable, Iterator

from cmdb.identity.claims import Claim, Kind
from cmdb.stores.neo4j import forms
from cmdb.stores.neo4j.connection import Connection
from cmdb.stores.neo4j.forms import CLAIM, CLAIM_LABEL

PAGE = 10_000


def claims(
    connection: Connection, kind: Kind, source: str, keys: Iterable[str]
) -> dict[str, Claim]:
    """What the source says under these keys."""
    found = connection.collected(
        f"MATCH (x:{CLAIM_LABEL[kind]}) WHERE x.key IN $keys AND x.source = $source",
        CLAIM,
        keys=list(set(keys)),
        source=source,
    )
    return {one.key: one for one in (forms.claim(kind, row) for row in found)}


def claims_about(
    connection: Connection, kind: Kind, subjects: Iterable[int]
) -> dict[int, list[Claim]]:
    """All claims on these CIs or relations."""
    found = connection.collected(
        f"MATCH (x:{CLAIM_LABEL[kind]}) WHERE x.subject IN $subjects",
        CLAIM,
        subjects=list(set(subjects)),
    )
    found.sort(key=lambda row: (row[0], row[1]))
    result: dict[int, list[Claim]] = {}
    for one in (forms.claim(kind, row) for row in found):
        result.setdefault(one.subject, []).append(one)
    return result


def claims_identified(connection: Connection, digests: Iterable[int]) -> list[Claim]:
    """The claims about CIs that are found under one of these digests."""
    found = connection.collected(
        "MATCH (i:Identifier) WHERE i.digest IN $digests"
        " MATCH (x:Claim)-[:IDENTIFIED_BY]->(i) WITH DISTINCT x",
        CLAIM,
        digests=list(digests),
    )
    return [forms.claim("ci", row) for row in found]


def common(connection: Connection, digests: Iterable[int], more_than: int) -> dict[int, int]:
    """How many claims are found under each digest, for those with more than so many."""
    found = connection.rows(
        "MATCH (i:Identifier) WHERE i.digest IN $digests"
        " WITH i, COUNT { (i)<-[:IDENTIFIED_BY]-() } AS claims WHERE claims > $more_than"
        " RETURN i.digest, claims",
        digests=list(digests),
        more_than=more_than,
    )
    return {int(one): int(count) for one, count in found}


def contested(connection: Connection, subjects: Iterable[int]) -> dict[int, list[str]]:
    """For those of the CIs about which more than one claim has a word: of which sources."""
    found = connection.rows(
        "MATCH (x:Claim) WHERE x.subject IN $subjects AND x.body IS NOT NULL"
        " WITH x.subject AS subject, collect(x.source) AS sources WHERE size(sources) > 1"
        " RETURN subject, sources",
        subjects=list(subjects),
    )
    return {int(subject): list(sources) for subject, sources in found}


def claims_at(connection: Connection, ends: Iterable[int]) -> list[Claim]:
    """The claims on relations that have one of these digests at an end."""
    found = connection.collected(
        "CALL () { MATCH (x:RelationClaim) WHERE x.from_end IN $ends RETURN x"
        " UNION MATCH (x:RelationClaim) WHERE x.to_end IN $ends RETURN x }",
        CLAIM,
        ends=list(ends),
    )
    return [forms.claim("relation", row) for row in found]


def claims_of(connection: Connection, kind: Kind, source: str) -> Iterator[Claim]:
    """All claims of a source, by key; read page by page."""
    label, beyond, after = CLAIM_LABEL[kind], ">=", ""
    while True:
        page = connection.collected(
            f"MATCH (x:{label}) USING INDEX SEEK x:{label}(key, source)"
            f" WHERE x.key {beyond} $after AND x.source = $source"
            f" WITH x ORDER BY x.key LIMIT {PAGE}",
            CLAIM,
            after=after,
            source=source,
        )
        claims = [forms.claim(kind, row) for row in page]
        yield from claims
        if len(claims) < PAGE:
            return
        beyond, after = ">", claims[-1].key
