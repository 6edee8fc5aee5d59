import type { RuleTrial, RuleVersions } from '../../schema/alert-rules.js';
import type { RuleOverride } from '../../schema/alerts.js';
import { call, send } from '../http.js';

export async function fetchRuleVersions(slug: string): Promise<RuleVersions> {
  return (await call(`/alert-rules/${slug}/versions`)) as RuleVersions;
}

/** What a rule would have done, as it is and changed. */
export async function tryRule(slug: string, override: RuleOverride, days: number): Promise<RuleTrial> {
  return (await send('POST', `/alert-rules/${slug}/dry-run`, { override, days })) as RuleTrial;
}
