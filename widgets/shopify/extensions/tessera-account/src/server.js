/** Your installation of Tessera: its APP_URL. */
const SERVER = 'https://tessera.example';

/**
 * Ask as the customer who is logged in; nothing where nobody is, or where the server does not answer.
 * @param {string} path @param {object} [sent]
 */
export const ask = async (path, sent) => {
  try {
    const token = await shopify.sessionToken.get();
    const language = shopify.localization.language.value.isoCode;
    const answer = await fetch(`${SERVER}/customer/v1/shopify/${path}?lang=${encodeURIComponent(language)}`, {
      headers: { Authorization: `Bearer ${token}`, ...(sent && { 'Content-Type': 'application/json' }) },
      ...(sent && { method: 'POST', body: JSON.stringify(sent) }),
    });
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
};
