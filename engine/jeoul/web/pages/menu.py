"""A page of the menu."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the message ``web.NAME`` is its word in the menu, ``path`` where it is."""

    name: str
    path: str
    router: APIRouter
