import { DEFAULT_RULES } from '../alerts/rules.js';
import type { NoisyRule } from '../schema/reports.js';
import type { Queryable } from '../store/store.js';
import { groupBy } from './group.js';
import { tally, type Outcome } from './outcomes.js';
import type { PageCall } from './pages.js';
import type { ReportSpan } from './span.js';

/** Rules of one report. */
const MOST_RULES = 20;

/** What was read for the other parts of a report. */
export interface Known {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly calls: readonly PageCall[];
}

/**
 * Rules whose alerts fired in a span, those with the most pages first, then those with the most alerts. An incident and its pages
 * belong to the rule whose alert opened it.
 */
export async function noisyRules(db: Queryable, span: ReportSpan, known: Known): Promise<NoisyRule[]> {
  const alerts = await db
    .selectFrom('alert')
    .select(['rule', 'fired_at', 'resolved_at'])
    .where('fired_at', '>=', span.from)
    .where('fired_at', '<', span.to)
    .execute();
  const flaps = await db
    .selectFrom('alert')
    .innerJoin('alert_event', 'alert_event.alert_id', 'alert.id')
    .select('alert.rule')
    .select(({ fn }) => fn.countAll<number>().as('many'))
    .where('alert.fired_at', '>=', span.from)
    .where('alert.fired_at', '<', span.to)
    .where('alert_event.kind', '=', 'returned')
    .groupBy('alert.rule')
    .execute();
  const opened = groupBy(await openers(db, span), ({ rule }) => rule);
  return [...groupBy(alerts, ({ rule }) => rule)]
    .map(([rule, theirs]) => {
      const incidents = (opened.get(rule) ?? []).flatMap(({ incident }) => {
        const outcome = known.outcomes.get(incident);
        return outcome === undefined ? [] : [{ incident, outcome }];
      });
      const ids = new Set(incidents.map(({ incident }) => incident));
      const { acted, seen, untouched } = tally(incidents.map(({ outcome }) => outcome));
      const judged = acted + seen + untouched;
      return {
        ...{ rule, title: titleOf(rule), alerts: theirs.length, incidents: incidents.length },
        pages: known.calls.filter(({ incident }) => ids.has(incident)).length,
        ...{ untouched, untouchedShare: judged === 0 ? null : untouched / judged },
        flaps: flaps.find((one) => one.rule === rule)?.many ?? 0,
        medianMs: median(
          theirs.flatMap(({ fired_at, resolved_at }) =>
            fired_at === null || resolved_at === null ? [] : [resolved_at - fired_at],
          ),
        ),
      };
    })
    .sort((a, b) => b.pages - a.pages || b.alerts - a.alerts || a.rule.localeCompare(b.rule))
    .slice(0, MOST_RULES);
}

/** The rule whose alert opened each incident of a span. */
export async function openers(
  db: Queryable,
  span: ReportSpan,
): Promise<{ incident: string; rule: string }[]> {
  const links = await db
    .selectFrom('incident')
    .innerJoin('incident_alert as link', 'link.incident', 'incident.id')
    .select(['incident.id as incident', 'link.rule'])
    .where('incident.started_at', '>=', span.from)
    .where('incident.started_at', '<', span.to)
    // Alerts that came with a merged incident have opened another one.
    .where('link.moved_from', 'is', null)
    .orderBy('link.linked_at')
    .orderBy('link.fired_at')
    .execute();
  return [...groupBy(links, ({ incident }) => incident).values()].flatMap((ofOne) => ofOne.slice(0, 1));
}

function titleOf(slug: string): NoisyRule['title'] {
  const rule = DEFAULT_RULES.find((one) => one.slug === slug);
  return rule === undefined ? null : { en: rule.title.en, vi: rule.title.vi };
}

function median(values: number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
