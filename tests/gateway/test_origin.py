from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from bot.gateway.origin import address_of, is_allowed_origin
from tests.factories import settings_in


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        (None, True),
        ("https://chat.example", True),
        ("https://organisme.example", True),
        ("https://organisme.example/", True),
        ("https://public.example", True),
        ("https://organisme.example.evil.example", False),
        ("https://evil.example", False),
        ("https://chat.example:8443", False),
        ("null", False),
        ("", False),
        ("http://[", False),
    ],
)
def test_sites_that_may_embed_the_widget(tmp_path: Path, origin: str | None, is_allowed: bool) -> None:
    settings = settings_in(
        tmp_path, allowed_origins=("https://organisme.example",), public_url="https://public.example"
    )
    headers = {"Host": "chat.example"} | ({"Origin": origin} if origin is not None else {})
    assert is_allowed_origin(make_mocked_request("GET", "/chat/ws", headers=headers), settings) is is_allowed


@pytest.mark.parametrize("public_url", [None, "", "public.example"])
def test_a_sandboxed_page_is_no_site_of_ours(tmp_path: Path, public_url: str | None) -> None:
    request = make_mocked_request("GET", "/chat/ws", headers={"Host": "", "Origin": "null"})
    assert not is_allowed_origin(request, settings_in(tmp_path, public_url=public_url))


@pytest.mark.parametrize(
    ("proxies", "headers", "address"),
    [
        (0, ["9.9.9.9"], "unknown"),
        (1, [], "unknown"),
        (1, ["9.9.9.9"], "9.9.9.9"),
        (1, ["made.up, 9.9.9.9"], "9.9.9.9"),
        (1, ["made.up", "9.9.9.9"], "9.9.9.9"),
        (2, ["made.up, 9.9.9.9, 10.0.0.1"], "9.9.9.9"),
        (2, ["9.9.9.9"], "unknown"),
        (1, [" , "], "unknown"),
    ],
)
def test_only_trusted_proxies_say_who_comes(tmp_path: Path, proxies: int, headers: list[str], address: str) -> None:
    sent = CIMultiDict([("X-Forwarded-For", value) for value in headers])
    request = make_mocked_request("GET", "/chat/ws", headers=sent)
    assert address_of(request, settings_in(tmp_path, trusted_proxies=proxies)) == address
