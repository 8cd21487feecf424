// What axe-core finds against WCAG 2.2, levels A and AA. It looks into open shadows.
import axe from "axe-core";

const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/** Each violation in one line. `within`: a selector; `rules`: only these. */
export async function violations(page, { within = "html", rules } = {}) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: LEVELS };
  const found = await page.evaluate(([scope, only]) => window.axe.run(scope, { runOnly: only, resultTypes: ["violations"] }), [within, runOnly]);
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target.flat().join(" ")}: ${failureSummary.replace(/\s+/g, " ")}`));
}
