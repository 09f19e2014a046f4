"""`make knowledge-report`: the editors' page and files, from a folder of steps."""

from __future__ import annotations

import csv
import html
import shutil
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings
from scripts.knowledge_report import main

STEP = {
    "id": "ask_fee",
    "title": "Les frais",
    "short": "Frais",
    "stage": "first_week",
    "concerns": ["student"],
    "checked": "2026-11-21",
    "owner": "money",
    "source": {"name": "Le service"},
    "facts": {
        "fee": {
            "fact": "Dix dollars.",
            "source": "https://example.test/",
            "published": "2026",
            "checked": "2026-11-21",
            "kind": "amount",
            "confidence": "confirmed",
        }
    },
    "says": [{"part": "what", "text": "Ce sont des frais.", "facts": ["fee"]}],
    "links": [{"key": "page", "title": "La page", "url": {"fr": "https://example.test/"}, "confirmed": True}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One step, its fee checked on 21 November 2026."""
    steps = tmp_path / "steps"
    steps.mkdir()
    text = yaml.safe_dump(STEP, allow_unicode=True).replace("'2026-11-21'", "2026-11-21")
    (steps / "ask_fee.yml").write_text(text, encoding="utf-8")
    return steps


def run(folder: Path, *arguments: str, **settings: object) -> int:
    chosen = Settings(_env_file=None, var=folder.parent / "var", **settings)  # type: ignore[call-arg,arg-type]
    return main(["--steps", str(folder), *arguments], chosen)


def test_it_writes_a_page_and_two_files_and_says_what_is_withdrawn(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "--today", "2027-11-22") == 0

    told = capsys.readouterr().out
    assert "Contenu des réponses, le 22 novembre 2027" in told
    assert "Retirés des réponses\u00a0: 1" in told
    assert "Argent – Les frais, depuis le 22 novembre 2027\u00a0: fee" in told
    written = folder.parent / "var" / "knowledge-report"
    assert sorted(file.name for file in written.iterdir()) == ["facts.csv", "report.html", "topics.csv"]
    with (written / "facts.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["Retiré depuis"] for row in csv.DictReader(file, delimiter=";")] == ["2027-11-22"]


def test_the_page_needs_no_other_file(folder: Path) -> None:
    run(folder, "--today", "2027-11-22")

    page = html.unescape((folder.parent / "var" / "knowledge-report" / "report.html").read_text(encoding="utf-8"))
    assert "<title>Passerelle – Rapport sur le contenu</title>" in page and "Dix dollars." in page
    assert "--text-soft:" in page and 'class="bar withdrawn"' in page
    for outside in ("<script", "<link", "src=", "@import"):
        assert outside not in page


def test_the_day_before_the_fact_is_only_due(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, "--today", "2027-11-21")

    told = capsys.readouterr().out
    assert "Retirés des réponses\u00a0: 0" in told
    assert "Argent – Les frais, jusqu’au 21 novembre 2027\u00a0: fee" in told


def test_the_shelf_lives_are_the_settings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, "--today", "2027-11-22", shelf_life_amounts=24)

    assert "Retirés des réponses\u00a0: 0" in capsys.readouterr().out


def test_today_is_the_clock_s_day_in_quebec(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, now="2027-11-22T02:00:00+00:00")

    assert "le 21 novembre 2027" in capsys.readouterr().out


def test_it_writes_where_it_is_told(folder: Path) -> None:
    where = folder.parent / "deep" / "here"
    run(folder, "--report", str(where))
    run(folder, "--report", str(where))

    assert (where / "report.html").exists() and not (folder.parent / "var").exists()


@pytest.mark.parametrize(
    ("breaks", "reason"),
    [
        (lambda step: step.replace("owner: money", "owner: nobody"), "ask_fee.yml, owner: nobody is none of"),
        (lambda step: step.replace("id: ask_fee", "id: ["), "ask_fee.yml: not YAML"),
    ],
    ids=["wrong", "unreadable"],
)
def test_a_broken_file_is_named_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], breaks: object, reason: str
) -> None:
    file = folder / "ask_fee.yml"
    file.write_text(breaks(file.read_text(encoding="utf-8")), encoding="utf-8")  # type: ignore[operator]

    assert run(folder) == 1

    captured = capsys.readouterr()
    assert captured.err.startswith(f"knowledge-report: {reason}") and captured.out == ""
    assert not (folder.parent / "var").exists()


def test_no_step_at_all_is_an_empty_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(folder)
    folder.mkdir()

    assert run(folder) == 0
    assert "Sujets\u00a0: 0. Faits\u00a0: 0" in capsys.readouterr().out


@pytest.mark.parametrize("day", ["22-11-2027", "2027-02-30", "demain"])
def test_a_day_that_is_none_is_refused(folder: Path, day: str) -> None:
    with pytest.raises(SystemExit) as refusal:
        run(folder, "--today", day)
    assert refusal.value.code == 2
