"""The operations that the app sends to Shopify's Admin API; a test holds each against its schema.

https://shopify.dev/docs/api/admin-graphql/2026-10. An object costs a point, a list as many as it may hold: so what is
rarely long is asked for in small pieces, and asked for again where it is longer.
"""

from __future__ import annotations

from connectors.shopify.client import Document

LINES, SHIPPING, CODES, PARCELS, REFUNDS, BACK = 15, 5, 20, 10, 25, 40
MOST_REFUNDS = 250

_MONEY = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
_OFF = f"discountAllocations {{ allocatedAmountSet {_MONEY} discountApplication {{ index }} }}"
_TAX = f"taxLines {{ priceSet {_MONEY} }}"
_PAGE = "pageInfo { hasNextPage endCursor }"
_LINE = f"""id quantity currentQuantity vendor isGiftCard taxable product {{ id }} variant {{ id }}
      originalUnitPriceSet {_MONEY} {_OFF} {_TAX}"""
_ORDER = f"""id test email createdAt updatedAt processedAt cancelledAt currencyCode presentmentCurrencyCode
    taxesIncluded displayFinancialStatus displayFulfillmentStatus discountCodes
    totalPriceSet {_MONEY} currentTotalPriceSet {_MONEY} totalOutstandingSet {_MONEY} totalTipReceivedSet {_MONEY}
    originalTotalDutiesSet {_MONEY} originalTotalAdditionalFeesSet {_MONEY}
    customer {{ id verifiedEmail createdAt updatedAt defaultEmailAddress {{ emailAddress }} }}
    shippingAddress {{ countryCodeV2 }} billingAddress {{ countryCodeV2 }}
    customAttributes {{ key value }}"""

ORDER = Document(
    f"""query Order($id: ID!) {{
  order(id: $id) {{
    {_ORDER}
    discountApplications(first: {CODES}) {{ nodes {{ index ... on DiscountCodeApplication {{ code }} }} {_PAGE} }}
    lineItems(first: {LINES}) {{ nodes {{ {_LINE} }} {_PAGE} }}
    shippingLines(first: {SHIPPING}, includeRemovals: true) {{
      nodes {{ id isRemoved originalPriceSet {_MONEY} discountedPriceSet {_MONEY} {_OFF} {_TAX} }} {_PAGE} }}
    refunds(first: {REFUNDS}) {{ id }}
  }}
}}""",
    repeatable=True,
    partial=True,
    cost=500,
)
LINES_OF = Document(
    f"""query LinesOf($id: ID!, $after: String) {{
  order(id: $id) {{ lineItems(first: {LINES}, after: $after) {{ nodes {{ {_LINE} }} {_PAGE} }} }}
}}""",
    repeatable=True,
    cost=350,
)
REFUNDS_OF = Document(
    f"query RefundsOf($id: ID!) {{ order(id: $id) {{ refunds(first: {MOST_REFUNDS}) {{ id }} }} }}",
    repeatable=True,
    cost=MOST_REFUNDS,
)
REFUND = Document(
    f"""query Refund($id: ID!, $after: String) {{
  refund(id: $id) {{
    id createdAt
    refundLineItems(first: {BACK}, after: $after) {{
      nodes {{ quantity lineItem {{ id }} subtotalSet {_MONEY} totalTaxSet {_MONEY} }} {_PAGE} }}
    orderAdjustments(first: 20) {{ nodes {{ id reason amountSet {_MONEY} taxAmountSet {_MONEY} }} }}
    refundShippingLines(first: 10) {{ nodes {{ id subtotalAmountSet {_MONEY} }} }}
  }}
}}""",
    repeatable=True,
    cost=450,
)
PARCELS_OF = Document(
    f"""query ParcelsOf($id: ID!) {{
  order(id: $id) {{ fulfillments(first: {PARCELS}) {{
    id status displayStatus createdAt updatedAt
    fulfillmentLineItems(first: {BACK}) {{ nodes {{ quantity lineItem {{ id }} }} }} }} }}
}}""",
    repeatable=True,
    cost=900,
)
_WRONG = "userErrors { code message }"
SET_FACTS = Document(
    f"""mutation SetFacts($facts: [MetafieldsSetInput!]!) {{
  metafieldsSet(metafields: $facts) {{ metafields {{ id }} {_WRONG} }}
}}""",
    repeatable=True,
)
INSTALLATION = Document("query Installation { currentAppInstallation { id } }", repeatable=True, cost=1)
ADD_TAGS = Document(
    "mutation AddTags($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }",
    repeatable=True,
)
REMOVE_TAGS = Document(
    "mutation RemoveTags($id: ID!, $tags: [String!]!) { tagsRemove(id: $id, tags: $tags) { userErrors { message } } }",
    repeatable=True,
)
_FILE = "id status errorCode objectCount rootObjectCount url query"
RUN_BULK = Document(
    f"""mutation RunBulk($query: String!) {{
  bulkOperationRunQuery(query: $query, groupObjects: true) {{ bulkOperation {{ {_FILE} }} userErrors {{ message }} }}
}}""",
    repeatable=False,
)
BULK = Document(f"query Bulk($id: ID!) {{ bulkOperation(id: $id) {{ {_FILE} }} }}", repeatable=True)
BULKS = Document(
    f"query Bulks {{ bulkOperations(first: 10, reverse: true) {{ nodes {{ {_FILE} }} }} }}", repeatable=True
)
# In a file a connection's rows stand behind their parent as lines of their own; lists may hold no connections.
PAST_ORDERS = f"""{{
  orders(sortKey: CREATED_AT) {{ edges {{ node {{
    {_ORDER}
    refunds {{ id }}
    discountApplications {{ edges {{ node {{ __typename index ... on DiscountCodeApplication {{ code }} }} }} }}
    lineItems {{ edges {{ node {{ __typename {_LINE} }} }} }}
    shippingLines(includeRemovals: true) {{ edges {{ node {{
      __typename id isRemoved originalPriceSet {_MONEY} discountedPriceSet {_MONEY} {_OFF} {_TAX} }} }} }}
  }} }} }}
}}"""
PAST_CUSTOMERS = """{
  customers { edges { node {
    id createdAt updatedAt verifiedEmail tags defaultEmailAddress { emailAddress marketingState }
    defaultAddress { countryCodeV2 }
  } } }
}"""
_VARIANT = "id price inventoryItem { unitCost { amount } }"
_PRODUCT = "id updatedAt vendor tags"
CHANGED_PRODUCTS = Document(
    f"""query ChangedProducts($search: String!, $after: String) {{
  products(first: 10, after: $after, query: $search, sortKey: UPDATED_AT) {{ nodes {{
    {_PRODUCT}
    collections(first: 10) {{ nodes {{ id handle }} {_PAGE} }}
    variants(first: 20) {{ nodes {{ {_VARIANT} }} {_PAGE} }}
  }} {_PAGE} }}
}}""",
    repeatable=True,
    cost=750,
)
VARIANTS_OF = Document(
    f"""query VariantsOf($id: ID!, $after: String) {{
  product(id: $id) {{ variants(first: 100, after: $after) {{ nodes {{ {_VARIANT} }} {_PAGE} }} }}
}}""",
    repeatable=True,
    cost=300,
)
COLLECTIONS_OF = Document(
    f"""query CollectionsOf($id: ID!, $after: String) {{
  product(id: $id) {{ collections(first: 100, after: $after) {{ nodes {{ id handle }} {_PAGE} }} }}
}}""",
    repeatable=True,
    cost=100,
)
PAST_PRODUCTS = f"""{{
  products {{ edges {{ node {{
    {_PRODUCT}
    collections {{ edges {{ node {{ __typename id handle }} }} }}
    variants {{ edges {{ node {{ __typename {_VARIANT} }} }} }}
  }} }} }}
}}"""
CHANGED_ORDERS = Document(
    f"""query ChangedOrders($search: String!, $after: String) {{
  orders(first: 100, after: $after, query: $search, sortKey: UPDATED_AT) {{ nodes {{ id updatedAt }} {_PAGE} }}
}}""",
    repeatable=True,
    cost=100,
)
ALL_ORDERS = Document(
    f"""query AllOrders($search: String!, $after: String) {{
  orders(first: 250, after: $after, query: $search, sortKey: CREATED_AT) {{ nodes {{ id updatedAt }} {_PAGE} }}
}}""",
    repeatable=True,
    cost=250,
)
