"""A staff account of the console."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """`name` is shown to people; `session_epoch` is raised to end every session signed before."""

    id: str
    email: str
    name: str
    password_hash: str = field(repr=False)
    is_active: bool = True
    session_epoch: int = 0
