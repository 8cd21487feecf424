"""The operations by which rewards and perks are made at Shopify; a test holds each against the Admin API's schema.

https://shopify.dev/docs/api/admin-graphql/2026-10
"""

from __future__ import annotations

from connectors.shopify.client import Document

_PAGE = "pageInfo { hasNextPage endCursor }"
_WRONG = "userErrors { code message }"

MAKE_CODE = Document(
    f"""mutation MakeCode($code: DiscountCodeBasicInput!) {{
  discountCodeBasicCreate(basicCodeDiscount: $code) {{ codeDiscountNode {{ id }} {_WRONG} }}
}}""",
    repeatable=False,
)
MAKE_SHIPPING_CODE = Document(
    f"""mutation MakeShippingCode($code: DiscountCodeFreeShippingInput!) {{
  discountCodeFreeShippingCreate(freeShippingCodeDiscount: $code) {{ codeDiscountNode {{ id }} {_WRONG} }}
}}""",
    repeatable=False,
)
_OF_CODE = """{ status asyncUsageCount codesCount { count } codes(first: 5, query: $code) { nodes {
        id code asyncUsageCount
      } } }"""
FIND_CODE = Document(
    f"""query FindCode($code: String!, $search: String!) {{
  codeDiscountNodeByCode(code: $code) {{
    id
    codeDiscount {{
      ... on DiscountCodeBasic {_OF_CODE}
      ... on DiscountCodeFreeShipping {_OF_CODE}
    }}
  }}
  orders(first: 1, query: $search) {{ nodes {{ id discountCodes }} }}
}}""",
    repeatable=True,
)
FIND_SHARED = Document(
    """query FindShared($code: String!) {
  codeDiscountNodeByCode(code: $code) {
    id codeDiscount { ... on DiscountCodeBasic { status } ... on DiscountCodeFreeShipping { status } }
  }
}""",
    repeatable=True,
)
_CODES = f"{{ codes(first: 250, after: $after) {{ nodes {{ id code }} {_PAGE} }} }}"
CODES_OF = Document(
    f"""query CodesOf($id: ID!, $after: String) {{
  codeDiscountNode(id: $id) {{
    codeDiscount {{ ... on DiscountCodeBasic {_CODES} ... on DiscountCodeFreeShipping {_CODES} }}
  }}
}}""",
    repeatable=True,
    cost=510,
)
ADD_CODE = Document(
    f"""mutation AddCode($discount: ID!, $codes: [DiscountRedeemCodeInput!]!) {{
  discountRedeemCodeBulkAdd(discountId: $discount, codes: $codes) {{ bulkCreation {{ id }} {_WRONG} }}
}}""",
    repeatable=False,
)
ADDED = Document(
    """query Added($id: ID!) {
  discountRedeemCodeBulkCreation(id: $id) { done codes(first: 1) { nodes { errors { code message } } } }
}""",
    repeatable=True,
)
REMOVE_CODE = Document(
    f"""mutation RemoveCode($discount: ID!, $ids: [ID!]!) {{
  discountCodeRedeemCodeBulkDelete(discountId: $discount, ids: $ids) {{ job {{ id }} {_WRONG} }}
}}""",
    repeatable=True,
)
END_CODE = Document(
    f"mutation EndCode($id: ID!) {{ discountCodeDeactivate(id: $id) {{ codeDiscountNode {{ id }} {_WRONG} }} }}",
    repeatable=True,
)
DELETE_CODE = Document(
    f"mutation DeleteCode($id: ID!) {{ discountCodeDelete(id: $id) {{ deletedCodeDiscountId {_WRONG} }} }}",
    repeatable=True,
)
MAKE_GIFT_CARD = Document(
    f"""mutation MakeGiftCard($card: GiftCardCreateInput!) {{
  giftCardCreate(input: $card) {{ giftCard {{ id }} {_WRONG} }}
}}""",
    repeatable=False,
)
CREDIT = Document(
    f"""mutation Credit($id: ID!, $credit: StoreCreditAccountCreditInput!) {{
  storeCreditAccountCredit(id: $id, creditInput: $credit) {{ storeCreditAccountTransaction {{ createdAt }} {_WRONG} }}
}}""",
    repeatable=False,
)
CREDITS_OF = Document(
    """query CreditsOf($id: ID!) {
  customer(id: $id) {
    storeCreditAccounts(first: 5) { nodes { transactions(first: 50, reverse: true) { nodes {
      __typename amount { amount currencyCode } ... on StoreCreditAccountCreditTransaction { expiresAt }
    } } } }
  }
}""",
    repeatable=True,
    cost=520,
)
WHICH = Document(
    """query Which($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename id
    ... on Product { variants(first: 50) { nodes { price } } }
    ... on ProductVariant { price }
  }
}""",
    repeatable=True,
)
COLLECTION = Document(
    """query CollectionNamed($handle: String!) {
  collectionByIdentifier(identifier: {handle: $handle}) { id }
}""",
    repeatable=True,
)
_ENDING = "title status tags"
AUTOMATIC = Document(
    f"""query Automatic($after: String) {{
  automaticDiscountNodes(first: 50, after: $after) {{
    nodes {{
      id
      automaticDiscount {{
        ... on DiscountAutomaticBasic {{ {_ENDING} }} ... on DiscountAutomaticFreeShipping {{ {_ENDING} }}
      }}
    }}
    {_PAGE}
  }}
}}""",
    repeatable=True,
)
MAKE_AUTOMATIC = Document(
    f"""mutation MakeAutomatic($discount: DiscountAutomaticBasicInput!) {{
  discountAutomaticBasicCreate(automaticBasicDiscount: $discount) {{ automaticDiscountNode {{ id }} {_WRONG} }}
}}""",
    repeatable=False,
)
MAKE_AUTOMATIC_SHIPPING = Document(
    f"""mutation MakeAutomaticShipping($discount: DiscountAutomaticFreeShippingInput!) {{
  discountAutomaticFreeShippingCreate(freeShippingAutomaticDiscount: $discount) {{
    automaticDiscountNode {{ id }} {_WRONG}
  }}
}}""",
    repeatable=False,
)
DELETE_AUTOMATIC = Document(
    f"""mutation DeleteAutomatic($id: ID!) {{
  discountAutomaticDelete(id: $id) {{ deletedAutomaticDiscountId {_WRONG} }}
}}""",
    repeatable=True,
)
SEGMENTS = Document(
    f"query Segments($after: String) {{ segments(first: 250, after: $after) {{ nodes {{ id name }} {_PAGE} }} }}",
    repeatable=True,
)
MAKE_SEGMENT = Document(
    """mutation MakeSegment($name: String!, $query: String!) {
  segmentCreate(name: $name, query: $query) { segment { id } userErrors { message } }
}""",
    repeatable=False,
)
