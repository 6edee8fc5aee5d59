import { firings } from '../alerts/dry-run.js';
import { isStored, timelines } from '../alerts/history.js';
import type { Condition } from '../alerts/rule.js';
import { currentRules, type CurrentRule } from '../alerts/rules.js';
import { TARGETS } from '../incidents/targets.js';
import type { Proposal } from '../schema/reports.js';
import type { Store } from '../store/store.js';
import { groupBy } from './group.js';
import type { Outcome } from './outcomes.js';
import { openers, type Known } from './rules.js';
import type { ReportSpan } from './span.js';

/** Rules of one answer: each one reads history. */
const MOST_PROPOSALS = 5;
/** Lengths that people set (s). */
const LENGTHS = [60, 120, 180, 300, 600, 900, 1800, 3600, 7200];

/** An incident of a rule with what its alerts were. */
interface Opened {
  readonly incident: string;
  readonly outcome: Outcome | undefined;
  readonly pages: number;
  readonly alerts: readonly {
    rule: string;
    condition: string;
    path: string;
    from: number;
    to: number;
  }[];
}

/**
 * What would make the rules with the most pages quieter, by what is stored: for each, the longer times before it fires are tried with
 * the moves of the engine, and the shortest one that saves the most pages is proposed, if every incident that somebody acted on would have been opened
 * all the same. An incident remains when one of its alerts would still have fired, belongs to another rule or condition, or is not
 * explained by the history; its pages are counted as they were. No time is proposed that takes more than half of the response target.
 */
export async function proposalsFor(store: Store, span: ReportSpan, known: Known): Promise<Proposal[]> {
  const rules = await currentRules(store);
  const opened = groupBy(await openers(store, span), ({ rule }) => rule);
  const pages = groupBy(known.calls, ({ incident }) => incident);
  const loud = [...opened]
    .flatMap(([slug, incidents]) => {
      const rule = rules.find((one) => one.slug === slug);
      const ids = incidents.map(({ incident }) => incident).filter((id) => known.outcomes.has(id));
      const many = ids.reduce((sum, id) => sum + (pages.get(id)?.length ?? 0), 0);
      return rule === undefined || many === 0 ? [] : [{ rule, ids, many }];
    })
    .sort((a, b) => b.many - a.many || a.rule.slug.localeCompare(b.rule.slug))
    .slice(0, MOST_PROPOSALS);
  const alerts = groupBy(await alertsOf(store, span), ({ incident }) => incident);
  const proposals: Proposal[] = [];
  for (const { rule, ids } of loud) {
    const incidents = ids.map((incident) => ({
      ...{ incident, outcome: known.outcomes.get(incident), alerts: alerts.get(incident) ?? [] },
      pages: pages.get(incident)?.length ?? 0,
    }));
    proposals.push(await proposalFor(store, { rule, incidents, span }));
  }
  return proposals;
}

async function alertsOf(store: Store, span: ReportSpan) {
  const rows = await store
    .selectFrom('incident')
    .innerJoin('incident_alert as link', 'link.incident', 'incident.id')
    .innerJoin('alert', 'alert.id', 'link.alert')
    .select(['link.incident', 'alert.rule', 'alert.condition', 'alert.asset_path as path'])
    .select(['alert.first_true_at', 'alert.resolved_at'])
    .where('incident.started_at', '>=', span.from)
    .where('incident.started_at', '<', span.to)
    .execute();
  return rows.map(({ first_true_at: from, resolved_at, ...alert }) => ({
    ...{ ...alert, from, to: resolved_at ?? Infinity },
  }));
}

interface Question {
  readonly rule: CurrentRule;
  readonly incidents: readonly Opened[];
  readonly span: ReportSpan;
}

async function proposalFor(store: Store, question: Question): Promise<Proposal> {
  const { rule, incidents } = question;
  const condition = rule.conditions.find(({ signal }) => isStored(signal));
  const now = sumOf(incidents);
  const proposal = {
    ...{ rule: rule.slug, title: { en: rule.title.en, vi: rule.title.vi } },
    ...{ condition: condition?.name ?? '', forSeconds: condition?.forS ?? 0, ...now },
    acted: incidents.filter(({ outcome }) => outcome === 'acted').length,
  };
  if (condition === undefined) return { ...proposal, better: null, why: 'no-history' };
  const lengths = lengthsFor(condition);
  const fired = await firedBy(store, question, { condition, lengths: [condition.forS, ...lengths] });
  const survivors = (length: number) =>
    incidents.filter((one) => remains(one, { rule, condition, fired, length }));
  const [best] = lengths
    .map((forSeconds) => ({ forSeconds, left: survivors(forSeconds) }))
    .filter(({ left }) => incidents.every((one) => one.outcome !== 'acted' || left.includes(one)))
    .map(({ forSeconds, left }) => ({ forSeconds, ...sumOf(left) }))
    .filter(({ pages }) => pages < now.pages)
    .sort((a, b) => a.pages - b.pages || a.forSeconds - b.forSeconds);
  return best === undefined
    ? { ...proposal, better: null, why: 'nothing-better' }
    : { ...proposal, better: best, why: 'longer' };
}

function sumOf(incidents: readonly Opened[]): { pages: number; incidents: number } {
  return { pages: incidents.reduce((sum, { pages }) => sum + pages, 0), incidents: incidents.length };
}

function lengthsFor({ forS, severity }: Condition): number[] {
  const most = TARGETS[severity].responseMs / 2 / 1000;
  return LENGTHS.filter((length) => length > forS && length <= most);
}

/** When a rule would have fired at each place, by the time before it fires (s). */
type Fired = ReadonlyMap<number, ReadonlyMap<string, readonly { from: number; to: number | null }[]>>;

async function firedBy(
  store: Store,
  { rule, incidents, span }: Question,
  { condition, lengths }: { condition: Condition; lengths: readonly number[] },
): Promise<Fired> {
  const fired = new Map(lengths.map((length) => [length, new Map<string, ReturnType<typeof firings>>()]));
  const paths = new Set(incidents.flatMap(({ alerts }) => alerts.map(({ path }) => path)));
  const gateways = new Set([...paths].flatMap((path) => path.split('/').slice(1, 2)));
  for await (const { asset, points } of timelines(store, condition.signal, span, gateways)) {
    if (!paths.has(asset.path)) continue;
    for (const [length, byPath] of fired)
      byPath.set(
        asset.path,
        firings(points, { condition: { ...condition, forS: length }, keepMs: 1000 * rule.keepS, span }),
      );
  }
  return fired;
}

/** Whether an incident would have been opened although the rule waits for longer. */
function remains(
  { alerts }: Opened,
  by: { rule: CurrentRule; condition: Condition; fired: Fired; length: number },
): boolean {
  const { rule, condition, fired, length } = by;
  if (alerts.length === 0) return true;
  return alerts.some((alert) => {
    const overlaps = (forS: number) =>
      (fired.get(forS)?.get(alert.path) ?? []).some(
        ({ from, to }) => from <= alert.to && (to ?? Infinity) >= alert.from,
      );
    const tried = alert.rule === rule.slug && alert.condition === condition.name;
    return !tried || !overlaps(condition.forS) || overlaps(length);
  });
}
