"""Addresses as people type them."""

from __future__ import annotations

import pytest

from bot.domain.email import gives_address, masked, read_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("maria.lopez@gmail.com", "maria.lopez@gmail.com"),
        ("mon courriel est M-A_3+qc@sous.exemple.qc.ca.", "M-A_3+qc@sous.exemple.qc.ca"),
        ("<a@b.co>", "a@b.co"),
        ("escríbame a (juan@correo.es), gracias", "juan@correo.es"),
        ("maria@gmail", None),
        ("maria@@gmail.com", None),
        ("maria @gmail.com", None),
        ("a@b.com ou c@d.com", None),
        ("a@b.com, je répète a@b.com", "a@b.com"),
        ("a..b@gmail.com", None),
        (".a@gmail.com", None),
        ("é@gmail.com", None),
        ("a@-b.com", None),
        ("a@b.com\r\nBcc: x@y.com", None),
        (f"{'a' * 65}@b.com", None),
        ("sans adresse", None),
    ],
)
def test_one_address_is_read(text: str, address: str | None) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    ("text", "gives"),
    [
        ("maria@gmail.com", True),
        ("maria@gmail", True),
        ("mon courriel c'est maria@gmail.com merci", True),
        ("J’ai reçu un message de aide@immigration-facile.com qui demande mon NAS et de l’argent", False),
        ("info@faux.com, c'est une fraude?", False),
        ("@maria", False),
        ("bonjour", False),
    ],
)
def test_a_message_that_gives_an_address(text: str, gives: bool) -> None:
    assert gives_address(text) is gives


def test_it_is_said_back_masked() -> None:
    assert masked("maria.lopez@gmail.com") == "m…@gmail.com"
