"""What the gallery's made-up server says: the sentences of the real one, written down.

`python -m tests.widgets.gallery_words` writes them anew.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from app.points.sentences import kind_name
from app.rules.words import LANGUAGES, words

FILE = Path(__file__).parents[2] / "connectors" / "sandbox" / "shop" / "gallery.json"
DAY = datetime(2031, 3, 31, 12, tzinfo=UTC)
ASKABLE = ("review", "photo_review", "question")
KINDS = ("sign_up", "newsletter", *ASKABLE, "social_share", "wishlist_add", "survey", "birthday")

# The merchant's own texts.
ANNOUNCED = {
    "en": "Double points until Sunday",
    "ro": "Puncte duble până duminică",
    "ru": "Двойные баллы до воскресенья",
    "sk": "Dvojnásobné body do nedele",
    "fr": "Points doublés jusqu’à dimanche",
    "fi": "Tuplapisteet sunnuntaihin asti",
    "de": "Doppelte Punkte bis Sonntag",
    "es": "Puntos dobles hasta el domingo",
    "it": "Punti doppi fino a domenica",
    "nl": "Dubbele punten tot en met zondag",
    "pl": "Podwójne punkty do niedzieli",
}
ASKED = {
    "en": "How long are points good?",
    "ro": "Cât timp sunt valabile punctele?",
    "ru": "Как долго действуют баллы?",
    "sk": "Ako dlho platia body?",
    "fr": "Combien de temps les points sont-ils valables\u202f?",
    "fi": "Kuinka kauan pisteet ovat voimassa?",
    "de": "Wie lange gelten Punkte?",
    "es": "¿Cuánto tiempo valen los puntos?",
    "it": "Per quanto tempo valgono i punti?",
    "nl": "Hoe lang zijn punten geldig?",
    "pl": "Jak długo ważne są punkty?",
}


def said(language: str) -> dict[str, Any]:
    """Return every sentence of the gallery in a language."""
    w = words(language)
    zone = ZoneInfo("Europe/Paris")
    day, five = w.day(DAY, zone), w.say("reward.amount_off", money=w.price("5", "EUR"))
    plain = w.say("order.plain", money=w.money("39.90", "EUR"), points=w.points(10), per=w.money("1.00", "EUR"))
    rate = w.say("widget.rate", points=w.points(10), money=w.price("1", "EUR"))
    return {
        "names": dict(w.names),
        "earn": w.say("widget.earn", points=w.points(399)),
        "earn_double": w.say("widget.earn", points=w.points(798)),
        "earn_about": w.say("widget.earn_about", points=w.points(399)),
        "earn_log_in": w.say("widget.log_in", points=w.points(399)),
        "times": w.say("widget.times", factor=w.number(2), tier="Gold"),
        "cart": w.say("widget.cart", points=w.points(480)),
        "way": w.say("widget.missing_for", points=w.points(120), reward=five),
        "enough": w.say("widget.enough"),
        "use": w.say("widget.use", points=w.points(500)),
        "available": w.points(1240),
        "available_low": w.points(380),
        "available_none": w.points(0),
        "pending": w.say("widget.pending", points=w.points(399)),
        "owed": w.say("widget.owed", points=w.points(100)),
        "tier": w.say("tier.next", amount=w.money("120.00", "EUR"), tier="Gold"),
        "five": five,
        "ten": w.say("reward.percent_off", percent=w.percent(10)),
        "ship": w.say("reward.free_shipping"),
        "kinds": {kind: kind_name(kind, w) for kind in KINDS},
        "do": {kind: w.say(f"widget.do_{kind}") for kind in ASKABLE},
        "worth": f"+{w.points(50)}",
        "rate": rate,
        "gate_gold": w.say("widget.gate_tier", tier="Gold"),
        "gate_opens": w.say("widget.gate_opens", day=day),
        "gate_early": w.say("widget.gate_early", day=day),
        "friend": w.say("widget.friend", gift=f"{w.points(200)} + {five}"),
        "earned": w.say("widget.earned", points=w.points(399)),
        "earned_soon": w.say("widget.earned_soon", points=w.points(399)),
        "spent_from": w.say("entry.pending", day=day),
        "why": w.say("order.sum", left=plain, points=w.points(399)),
        "waiting": w.say("widget.waiting", why=w.say("why.fulfilled")),
        "got": w.say("widget.earned", points=w.points(50)),
        "in_review": w.say("widget.in_review"),
        "window": w.say("page.calendar_year"),
        "expiry": w.say("page.expiry", day=day),
        "enter": w.say("widget.enter"),
        "close": w.say("widget.close"),
        "announced": ANNOUNCED[language],
        "asked": ASKED[language],
        "moved": w.say("moved.earn"),
        "missing": {str(n): w.say("unavailable.missing", points=w.points(n)) for n in (120, 260, 1120)},
    }


def everything() -> bytes:
    return orjson.dumps({each: said(each) for each in LANGUAGES}, option=orjson.OPT_INDENT_2) + b"\n"


if __name__ == "__main__":
    FILE.write_bytes(everything())
