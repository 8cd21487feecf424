"""What the gallery shows: every element in every state, each with the code to copy."""

from __future__ import annotations

from dataclasses import dataclass, field

MUG = 'product-id="p1" variant-id="v1" price="39.90" currency="EUR"'
CART = """<tessera-cart><script type="application/json">
  {"currency": "EUR", "lines": [{"product_id": "p1", "quantity": 1, "unit_price": "48.00"}]}
</script></tessera-cart>"""
SURVEY = """<tessera-survey subject="spring">
  <form>
    <label>What shall we make next? <input name="next"></label>
    <button>Send</button>
  </form>
</tessera-survey>"""
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenknopf" * 4


@dataclass(frozen=True, slots=True)
class State:
    """One frame. `who` is logged in; `scene` is what the made-up server then says; `look` is of the frame's page."""

    id: str
    title: str
    code: str
    who: str = "guest"
    scene: str = ""
    look: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    element: str
    about: str
    place: str  # the line of CSS that keeps the place
    states: tuple[State, ...] = field(default=())
    wide: bool = False


def _product(more: str = "", text: str = "") -> str:
    return f"<tessera-product {MUG}{more}>{text}</tessera-product>"


BALANCE, PANEL = "<tessera-balance></tessera-balance>", "<tessera-panel inline></tessera-panel>"
BAR, PROGRAMME = "<tessera-bar></tessera-bar>", "<tessera-programme></tessera-programme>"
GATE = '<tessera-gate tier="gold">\n  <p>The winter glaze, before everyone else.</p>\n</tessera-gate>'
REFERRAL = '<tessera-referral>\n  <a href="/">Choose something you like</a>\n</tessera-referral>'
EARNED = """<tessera-earned order="1001">
  <a href="/register">Join, and this order’s points are yours</a>
</tessera-earned>"""
REVIEW = '<tessera-ask kind="review" product="p1" href="#reviews">How do you like your cup?</tessera-ask>'
QUESTION = '<tessera-ask kind="question" product="p1">Is anything unclear?</tessera-ask>'
SHARE = '<tessera-share url="/cups" title="Cups by Aloni">Pass it on</tessera-share>'
WISH = '<tessera-wish product-id="{}">Remember this cup</tessera-wish>'

SECTIONS = (
    Section(
        "product",
        "What a product earns, in this variant and quantity.",
        "tessera-product { display: block; min-height: 2em }",
        (
            State("product", "Guest", _product()),
            State("product-gold", "Gold, ×2", _product(), "gold", "double"),
            State("product-campaign", "A ×2 campaign", _product(), "member", "campaign"),
            State("product-about", "Tax may change it", _product(), scene="about"),
            State("product-log-in", "Only members earn", _product(), scene="log-in"),
            State("product-drawn", "Drawn by the shop’s server", _product(text="Earn 399 points"), scene="down"),
            State("product-nothing", "Nothing earned", _product(), scene="nothing"),
            State("product-down", "Our server is down", _product(), scene="down"),
            State("product-hostile", "A hostile name", _product(), scene="hostile"),
            State("product-rtl", "Right to left", _product(), "gold", "double", "rtl"),
            State("product-dark", "Dark", _product(), "gold", "double", "dark"),
        ),
    ),
    Section(
        "cart",
        "What the cart earns, the way to the next reward, and a reward in one tap.",
        "tessera-cart { display: block; min-height: 6.0625em }",
        (
            State("cart", "Guest", CART),
            State("cart-member", "Member, on the way", CART, "member"),
            State("cart-use", "Enough for a reward", CART, "gold", "use"),
            State("cart-down", "Our server is down", CART, scene="down"),
            State("cart-hostile", "A hostile name", CART, "gold", "hostile"),
            State("cart-narrow", "Narrow", CART, "gold", "use", "narrow"),
            State("cart-rtl", "Right to left", CART, "member", "", "rtl"),
            State("cart-dark", "Dark", CART, "gold", "use", "dark"),
        ),
    ),
    Section(
        "balance",
        "The points of who is logged in.",
        "tessera-balance { display: block; min-height: 5.0625em }",
        (
            State("balance", "Member", BALANCE, "member"),
            State("balance-pending", "Points on the way", BALANCE, "member", "pending"),
            State("balance-owed", "Points to make up", BALANCE, "member", "owed"),
            State("balance-enough", "Enough for a reward", BALANCE, "gold"),
            State("balance-guest", "Guest", BALANCE),
            State("balance-dark", "Dark", BALANCE, "member", "pending", "dark"),
        ),
    ),
    Section(
        "bar",
        "What the programme announces, with the balance beside it. Who closes it is not shown it again.",
        "tessera-bar { display: flex; min-height: 2.75em }",
        (
            State("bar", "Guest", BAR),
            State("bar-member", "Member", BAR, "member"),
            State("bar-own", "A text of the shop’s", "<tessera-bar>Free shipping this week</tessera-bar>"),
            State("bar-nothing", "Nothing announced", BAR, scene="nothing"),
            State("bar-hostile", "A hostile text", BAR, "member", "hostile"),
            State("bar-rtl", "Right to left", BAR, "member", "", "rtl"),
            State("bar-dark", "Dark", BAR, "member", "", "dark"),
        ),
        wide=True,
    ),
    Section(
        "gate",
        "For members of a tier, owners of a reward, or the early ones. It hides; a shop’s platform enforces.",
        "tessera-gate { display: block; min-height: 7em }",
        (
            State("gate", "Guest", GATE),
            State("gate-member", "Member below Gold", GATE, "member"),
            State("gate-gold", "Gold", GATE, "gold"),
            State(
                "gate-early",
                "Early access",
                GATE.replace('tier="gold"', 'early="2031-03-31T10:00:00Z"'),
                "member",
                "early",
            ),
            State("gate-down", "Our server is down", GATE, scene="down"),
            State("gate-dark", "Dark", GATE, look="dark"),
        ),
    ),
    Section(
        "referral",
        "Who comes by a friend’s link sees what waits for them.",
        "tessera-referral { display: block; min-height: 5.5em }",
        (
            State("referral", "By a friend’s link", REFERRAL, query="ref=KXW3N-T7PQ9"),
            State("referral-unknown", "No such code", REFERRAL, scene="nothing", query="ref=NOBODY"),
            State("referral-rtl", "Right to left", REFERRAL, look="rtl", query="ref=KXW3N-T7PQ9"),
        ),
    ),
    Section(
        "earned",
        "After a purchase: what it brings, when, and why.",
        "tessera-earned { display: block; min-height: 5.25em }",
        (
            State("earned", "Earned", EARNED, "member"),
            State("earned-soon", "To be spent later", EARNED, "member", "coming"),
            State("earned-waiting", "Not counted yet", EARNED, "member", "waiting"),
            State("earned-guest", "Guest", EARNED),
            State("earned-down", "Our server is down", EARNED, "member", "down"),
            State("earned-dark", "Dark", EARNED, "member", "coming", "dark"),
        ),
    ),
    Section(
        "ask",
        "A review, a question, a photo: what it brings, and where to write it.",
        "tessera-ask { display: block; min-height: 4.75em } /* 8.5em on a phone */",
        (
            State("ask", "Review, guest", REVIEW),
            State("ask-question", "Question, in place", QUESTION, "member"),
            State("ask-done", "Done already", REVIEW, "member", "done"),
            State("ask-narrow", "Narrow", REVIEW, "member", "", "narrow"),
            State("ask-rtl", "Right to left", QUESTION, "member", "", "rtl"),
            State("ask-dark", "Dark", QUESTION, "member", "", "dark"),
        ),
    ),
    Section(
        "share",
        "Passes a page on, by the device’s own sheet or by links.",
        "tessera-share { display: block; min-height: 2.75em }",
        (
            State("share", "Member", SHARE, "member"),
            State("share-down", "Our server is down", SHARE, scene="down"),
            State("share-dark", "Dark", SHARE, "member", "", "dark"),
        ),
    ),
    Section(
        "wish",
        "The heart. The list stays on the shopper’s device.",
        "tessera-wish { display: inline-block; min-height: 2.75em }",
        (
            State("wish", "A product", WISH.format("p1"), "member"),
            State("wish-dark", "Dark", WISH.format("p1"), "member", "", "dark"),
        ),
    ),
    Section(
        "survey",
        "The shop’s own form; its answers earn.",
        "tessera-survey { display: block; padding-top: 1.75em }",
        (
            State("survey", "Member", SURVEY, "member"),
            State("survey-down", "Our server is down", SURVEY, "member", "down"),
        ),
    ),
    Section(
        "programme",
        "The whole programme as a page.",
        "tessera-programme { display: block; min-height: 60vh }",
        (
            State("programme", "Guest", PROGRAMME),
            State("programme-gold", "Gold", PROGRAMME, "gold"),
            State("programme-narrow", "Narrow", PROGRAMME, "member", "", "narrow"),
            State("programme-rtl", "Right to left", PROGRAMME, "member", "", "rtl"),
            State("programme-dark", "Dark", PROGRAMME, "member", "", "dark"),
            State("programme-hostile", "Hostile names", PROGRAMME, "gold", "hostile"),
        ),
        wide=True,
    ),
    Section(
        "panel",
        "The programme in a drawer, which any link to #tessera opens; here it is in the page.",
        "tessera-panel { min-height: 1px } /* in the page: as high as you like */",
        (
            State("panel", "Guest", PANEL),
            State("panel-member", "Member", PANEL, "member", "pending"),
            State("panel-gold", "Gold, with a code", PANEL, "gold"),
            State("panel-narrow", "Narrow", PANEL, "member", "", "narrow"),
            State("panel-rtl", "Right to left", PANEL, "member", "pending", "rtl"),
            State("panel-dark", "Dark", PANEL, "gold", "", "dark"),
            State("panel-hostile", "Hostile names", PANEL, "gold", "hostile"),
        ),
        wide=True,
    ),
)

STATES = {state.id: state for section in SECTIONS for state in section.states}
