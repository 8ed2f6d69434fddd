from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.statistics.rules import drawn_part, masked, part, parts
from tests.world import World


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([], []),
        ([0, 12], ["0", "12"]),
        ([3, 12, 40], ["moins de 5", "non montré", "40"]),  # alone, 3 would be the total less the others
        ([3, 4, 40], ["moins de 5", "moins de 5", "40"]),
        ([4, 0], ["moins de 5", "0"]),
        ([5, 5], ["5", "5"]),
    ],
)
def test_small_counts_are_hidden_and_cannot_be_worked_out(app: Flask, values: list[int], shown: list[str]) -> None:
    with app.test_request_context():
        assert [count.shown for count in masked(values)] == shown


@pytest.mark.parametrize(
    ("value", "whole", "said", "drawn"),
    [
        (12, 30, "12 sur 30", 0.4),
        (0, 30, "0 sur 30", 0.0),
        (30, 30, "30 sur 30", 1.0),
        (2, 30, "moins de 5", 0.0),
        (28, 30, "presque tous", 1.0),
        (1, 3, "moins de 5", 0.0),
        (0, 0, "0 sur 0", 0.0),
    ],
)
def test_a_part_points_at_nobody(app: Flask, value: int, whole: int, said: str, drawn: float) -> None:
    with app.test_request_context():
        assert part(value, whole) == said
    assert drawn_part(value, whole) == drawn


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ([(12, 30), (3, 30), (20, 40)], ["non montré", "moins de 5", "20 sur 40"]),
        ([(12, 30), (3, 30), (28, 30)], ["12 sur 30", "moins de 5", "presque tous"]),
        ([(12, 30), (30, 30)], ["12 sur 30", "30 sur 30"]),
        ([(3, 30), (0, 30)], ["moins de 5", "0 sur 30"]),
    ],
)
def test_a_hidden_part_is_not_the_total_less_the_others(
    app: Flask, rows: list[tuple[int, int]], shown: list[str]
) -> None:
    with app.test_request_context():
        assert [said for said, _ in parts(rows)] == shown


def test_the_observer_reads_figures_and_no_name(world: World, client: FlaskClient) -> None:
    page = world.sign_in(client, Role.OBSERVER).get("/chiffres").text
    assert "Chiffres du territoire" in page
    assert "Collège François Rabelais" in page
    assert "Hénin-Beaumont" in page
    for name in ("Lina", "Wojcik", "Enzo", "Inès"):
        assert name not in page
    assert "3 sur 3" not in page  # three students are too few to be counted aloud


def test_the_observer_reads_nothing_else(world: World, client: FlaskClient) -> None:
    observer = world.sign_in(client, Role.OBSERVER)
    for path in ("/tableau-de-bord", "/affectations", "/journal", "/stages", "/courriers"):
        assert observer.get(path).status_code == 403, path
