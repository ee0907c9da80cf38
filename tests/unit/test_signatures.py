"""Signatures of webhooks: the example of the specification, and everything that is not one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import WrongValue
from cmdb.messages.signatures import BadSignature, Verified, new_secret, signed, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NUMBER, AT = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {
    "webhook-id": NUMBER,
    "webhook-timestamp": str(AT),
    "webhook-signature": SIGNATURE,
}


def test_the_example_of_the_specification():
    assert signed(SECRET, NUMBER, AT, BODY) == HEADERS
    assert verify(SECRET, HEADERS, BODY, AT + 1.5) == Verified(NUMBER, AT, AT + 300)


def test_headers_in_any_case_and_several_signatures():
    several = f"v1a,x v2,{SIGNATURE[3:]} v1,wrong {SIGNATURE}"
    headers = {name.title(): value for name, value in HEADERS.items()}
    assert verify(SECRET, {**headers, "Webhook-Signature": several}, BODY, AT).id == NUMBER


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"webhook-id": ""}, "missing"),
        ({"webhook-timestamp": ""}, "missing"),
        ({"webhook-signature": ""}, "missing"),
        ({"webhook-id": "x" * 300}, "too long"),
        ({"webhook-id": "other"}, "no signature fits"),
        ({"webhook-timestamp": "now"}, "no whole number"),
        ({"webhook-timestamp": "٣"}, "no whole number"),
        ({"webhook-timestamp": "9" * 30}, "no whole number"),
        ({"webhook-timestamp": str(AT + 1)}, "no signature fits"),
        ({"webhook-timestamp": str(AT - 301)}, "too long ago"),
        ({"webhook-timestamp": str(AT + 301)}, "too long ago"),
        ({"webhook-signature": SIGNATURE[3:]}, "no signature fits"),
        ({"webhook-signature": f"v2,{SIGNATURE[3:]}"}, "no signature fits"),
        ({"webhook-signature": "v1,签名"}, "no signature fits"),
    ],
)
def test_what_is_refused(change, said):
    with pytest.raises(BadSignature, match=said):
        verify(SECRET, {**HEADERS, **change}, BODY, AT)


def test_time():
    for now in (AT - 300, AT + 300):
        verify(SECRET, HEADERS, BODY, now)
    for now in (AT - 301, AT + 301):
        with pytest.raises(BadSignature):
            verify(SECRET, HEADERS, BODY, now)
    verify(SECRET, HEADERS, BODY, AT + 900, tolerance=900)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_x", "whsec_" + "A" * 200, "密" * 30])
def test_secrets_that_are_none(secret):
    with pytest.raises(WrongValue, match="24 to 64 bytes") as caught:
        signed(secret, NUMBER, AT, BODY)
    assert not secret or secret == "whsec_" or secret not in str(caught.value)


@given(st.binary(max_size=100), st.binary(max_size=100), st.text(min_size=1, max_size=50))
def test_only_the_same_body_and_secret_fit(body, other, number):
    secret, now = new_secret(), 1_800_000_000
    headers = signed(secret, number, now, body)
    assert verify(secret, headers, body, now).id == number
    with pytest.raises(BadSignature):
        verify(new_secret(), headers, body, now)
    if other != body:
        with pytest.raises(BadSignature):
            verify(secret, headers, other, now)
