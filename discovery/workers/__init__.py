"""Who does the work: threads of one process, or many processes over a queue on PostgreSQL.

`CMDB_QUEUE` chooses: the address of a PostgreSQL database, or nothing for threads.
"""

from cmdb.services.actor import Actor

WORKER = Actor("discovery", frozenset({"editor"}))
"""Who the log says it was."""

TICK_SECONDS = 5
