import type { z } from 'zod';
import type { AlertAnswer, AlertDetail, AlertRuleAnswer, alertsQuerySchema } from '../schema/alerts.js';
import type { Store } from '../store/store.js';
import { canDryRun } from './history.js';
import { INHIBITION } from './inhibition.js';
import { instanceOf, isFlappingRow, type AlertRow } from './rows.js';
import type { Text } from './rule.js';
import { defaultRule, type CurrentRule } from './rules.js';
import { SIGNALS } from './signal.js';

/** Alerts that a question asks for, those that fire first, then the newest, and how many there are. */
export async function listAlerts(
  store: Store,
  { state, severity, rule, asset, limit }: z.infer<typeof alertsQuerySchema>,
  now: number,
): Promise<{ alerts: AlertAnswer[]; total: number }> {
  let query = store
    .selectFrom('alert')
    .where('state', 'in', state === 'open' ? ['firing', 'clearing'] : [state]);
  if (severity !== undefined) query = query.where('severity', '=', severity);
  if (rule !== undefined) query = query.where('rule', '=', rule);
  if (asset !== undefined)
    query = query.where((where) =>
      where.or([
        where('asset_path', '=', asset),
        where(
          where.fn<string>('substr', ['asset_path', where.val(1), where.val(asset.length + 1)]),
          '=',
          `${asset}/`,
        ),
      ]),
    );
  const { total } = await query
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await query
    .selectAll()
    .orderBy('state', 'desc')
    .orderBy('first_true_at', 'desc')
    .limit(limit)
    .execute();
  const links = await linksOf(store, rows);
  return { alerts: rows.map((row) => answerOf(row, links, now)), total };
}

/** One alert with what happened to it; undefined for none. */
export async function readAlert(store: Store, id: string, now: number): Promise<AlertDetail | undefined> {
  const row = await store.selectFrom('alert').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  const events = await store
    .selectFrom('alert_event')
    .selectAll()
    .where('alert_id', '=', id)
    .orderBy('seq')
    .execute();
  return {
    ...answerOf(row, await linksOf(store, [row]), now),
    meaning: defaultRule(row.rule)?.meaning ?? null,
    events: events.map(({ seq, at, kind, data }) => ({
      ...{ seq, at, kind, data: JSON.parse(data) as Record<string, unknown> },
    })),
  };
}

/** What alerts belong to. */
interface Links {
  /** Open alerts by the reason that they are for others. */
  readonly parents: ReadonlyMap<string, string>;
  /** Incidents by alert. */
  readonly incidents: ReadonlyMap<string, string>;
}

async function linksOf(store: Store, rows: readonly AlertRow[]): Promise<Links> {
  const ids = rows.map(({ id }) => id);
  const linked =
    ids.length === 0
      ? []
      : await store
          .selectFrom('incident_alert')
          .select(['alert', 'incident'])
          .where('alert', 'in', ids)
          .where('unlinked_at', 'is', null)
          .execute();
  return {
    parents: await parentsOf(store, rows),
    incidents: new Map(linked.map(({ alert, incident }) => [alert, incident])),
  };
}

/** Open alerts by rule and place, of the rules that explain others. */
async function parentsOf(store: Store, rows: readonly AlertRow[]): Promise<Map<string, string>> {
  if (rows.every((row) => explanation(row) === undefined)) return new Map();
  const open = await store
    .selectFrom('alert')
    .select(['id', 'rule', 'asset_path'])
    .where('state', 'in', ['firing', 'clearing'])
    .execute();
  return new Map(open.map(({ id, rule, asset_path }) => [`${INHIBITION}:${rule}:${asset_path}`, id]));
}

/** What explains an alert: the nearest reason. */
function explanation(row: AlertRow): string | undefined {
  const reasons = JSON.parse(row.suppressed_by) as string[];
  return reasons.find((reason) => reason.startsWith(`${INHIBITION}:`));
}

function answerOf(row: AlertRow, { parents, incidents }: Links, now: number): AlertAnswer {
  const explained = explanation(row);
  const { noDataSince } = instanceOf(row);
  return {
    ...{ id: row.id, rule: row.rule, ruleVersion: row.rule_version, condition: row.condition },
    ...{ title: JSON.parse(row.title) as Text, severity: row.severity, state: row.state },
    asset: { kind: row.asset_kind, path: row.asset_path, name: row.asset_name },
    ...{ groupKey: row.group_key, value: row.value, threshold: row.threshold, unit: row.unit },
    ...{ since: row.first_true_at, firedAt: row.fired_at, resolvedAt: row.resolved_at },
    ...{ resolveReason: row.resolve_reason, dueAt: row.due_at, noDataSince, runbook: row.runbook },
    suppressedBy: JSON.parse(row.suppressed_by) as string[],
    parent: explained === undefined ? null : (parents.get(explained) ?? null),
    incident: incidents.get(row.id) ?? null,
    endsByHand: endsByHand(row),
    flapping: row.state !== 'resolved' && isFlappingRow(row, now),
  };
}

/** Whether nothing but a person ends it. */
function endsByHand({ rule, condition, state }: AlertRow): boolean {
  const found = defaultRule(rule)?.conditions.find(({ name }) => name === condition);
  return found?.clear === null && (state === 'firing' || state === 'clearing');
}

/** A rule as the API shows it. */
export function ruleAnswer(rule: CurrentRule): AlertRuleAnswer {
  const { number, slug, title, meaning, severity, enabled, version, conditions } = rule;
  return {
    ...{ number, slug, title, meaning, severity, enabled, version },
    signal: conditions[0]?.signal ?? null,
    conditions: conditions.map(({ forS, ...condition }) => ({
      ...condition,
      ...{ unit: SIGNALS[condition.signal].unit, forSeconds: forS },
    })),
    ...{ keepSeconds: rule.keepS, groupBy: rule.groupBy, inhibitedBy: [...rule.inhibitedBy] },
    ...{ runbook: rule.runbook, dryRun: canDryRun(rule), override: rule.override },
  };
}
