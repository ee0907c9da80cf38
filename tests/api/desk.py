"""Short ways to ask for what a service desk does."""


def done(got, status=200):
    assert got.status_code == status, got.text
    return got.json()


def refused(got, status, *words):
    assert got.status_code == status, got.text
    for word in words:
        assert word in got.text
    return got.json()


def step(who, number, name, **fields):
    return who.post(f"/tickets/{number}/steps/{name}", {"fields": fields})


def mails(env, template=None):
    """The messages that wait: template and recipient."""
    found = [(d.body["template"], d.body["recipient"]) for d in env.store.documents("outbox")]
    return sorted(one for one in found if template in (None, one[0]))
