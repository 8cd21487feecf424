"""The worker of messages in a real browser, beside pages that it does not rule."""

from __future__ import annotations

from pathlib import Path

from tests.browser.browser import run
from tests.servers import Chromium

HERE = Path(__file__).parent
DIST = HERE.parents[1] / "widgets" / "dist"


def test_a_message_that_comes_twice_is_shown_once_whatever_the_workers_scope(chromium: Chromium) -> None:
    seen = run(str(HERE / "worker.mjs"), chromium, dist=str(DIST))
    told = {"title": "Club", "lang": "en"}
    assert (seen["scope"], seen["ruled"]) == ("/apps/tessera/push-worker.js", False)
    points, tier = (
        {**told, "body": "You earned 399 points", "tag": "tessera-1"},
        {**told, "body": "You are Gold now", "tag": "tessera-2"},
    )
    assert seen["told"] == [points, points, tier]  # one tag: a browser puts the second in the place of the first
    assert sorted(seen["shown"], key=lambda each: each["tag"]) in ([points, tier], [])
