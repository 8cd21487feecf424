"""What the page on experiments shows is what is published, told and answered."""

from __future__ import annotations

import json
import re
from pathlib import Path

from app.rules.experiments import arms_of
from app.rules.programme import parse_programme
from app.services import EXPOSURES_A_MINUTE
from app.web.api.experiments import Experiments
from connectors.neutral.reading import ARM

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = (DOCS / "experiments.md").read_text()
PROGRAMME, TOLD, REPORT = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.S))


def test_it_shows_a_programme_and_what_pages_are_told_of_it() -> None:
    (experiment,) = parse_programme(PROGRAMME).experiments
    told = [{"key": arm.key, "share": str(arm.share)} for arm in arms_of(experiment)]
    assert TOLD["experiment"] == {"key": experiment.key, "arms": told}


def test_it_shows_an_answer_of_the_report() -> None:
    Experiments.model_validate(REPORT)


def test_it_names_what_is_kept_and_counted() -> None:
    script = (DOCS.parent / "widgets" / "src" / "experiment.js").read_text()
    for name in ("tessera-arm", "tessera:arm"):
        assert name in PAGE
        assert name in script
    assert f"`{ARM}`" in PAGE
    assert f"counts {EXPOSURES_A_MINUTE} a minute" in PAGE
