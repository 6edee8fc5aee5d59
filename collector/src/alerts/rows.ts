import { randomUUID } from 'node:crypto';
import type { Insertable, Selectable } from 'kysely';
import { QUIET } from '../maintenance/effect.js';
import { DRILL_PREFIX, isDrill } from '../schema/drill-words.js';
import type { Queryable } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import { isFlapping, keepOf, type Instance, type Timing } from './machine.js';
import type { Condition, GroupBy, Text } from './rule.js';
import type { CurrentRule } from './rules.js';
import { SIGNALS, type Asset, type Sample, type Severity } from './signal.js';

export type AlertRow = Selectable<Tables['alert']>;

/** What tells how an alert goes on. */
export type OpenAlert = Pick<
  AlertRow,
  | ('id' | 'rule' | 'condition' | 'dedup_key' | 'state' | 'first_true_at' | 'fired_at' | 'clearing_at')
  | ('resolved_at' | 'resolve_reason' | 'unknown_since' | 'no_data_since' | 'flaps')
>;

/** An alert as it is handed on. */
export interface AlertRef {
  readonly id: string;
  readonly ruleSlug: string;
  readonly severity: Severity;
  /** Alerts with the same key belong to one incident. */
  readonly groupKey: string;
  readonly asset: Asset;
  readonly title: Text;
  /** UTC ms. */
  readonly firedAt: number;
  /** When its condition became true (UTC ms); `firedAt` where that is not known. */
  readonly since?: number;
  /** Why it opens no incident; empty when it does. */
  readonly suppressedBy: readonly string[];
  /** Slug in the handbook; of what others reported, the address that they gave. */
  readonly runbook: string;
}

/** Of the reasons why nobody is told, those that also keep an alert from opening an incident. */
export function holdingBack(reasons: readonly string[]): string[] {
  return reasons.filter((reason) => !reason.startsWith(QUIET));
}

export function refOf(row: AlertRow): AlertRef {
  return {
    ...{ id: row.id, ruleSlug: row.rule, severity: row.severity, groupKey: row.group_key },
    asset: { kind: row.asset_kind as Asset['kind'], path: row.asset_path, name: row.asset_name },
    title: JSON.parse(row.title) as Text,
    firedAt: row.fired_at ?? row.first_true_at,
    since: row.first_true_at,
    suppressedBy: holdingBack(JSON.parse(row.suppressed_by) as string[]),
    runbook: row.runbook,
  };
}

/** What the state machine needs of a row. */
export function instanceOf(row: OpenAlert): Instance {
  return {
    ...{
      state: row.state,
      firstTrueAt: row.first_true_at,
      firedAt: row.fired_at,
      clearingAt: row.clearing_at,
    },
    ...{ resolvedAt: row.resolved_at, resolveReason: row.resolve_reason },
    ...{ unknownSince: row.unknown_since, noDataSince: row.no_data_since },
    // Thousands of rows are read at every tick, and hardly any has come back.
    flaps: row.flaps === '[]' ? [] : (JSON.parse(row.flaps) as number[]),
  };
}

/** Whether an alert comes back again and again. @param now UTC ms */
export function isFlappingRow({ flaps }: AlertRow, now: number): boolean {
  return isFlapping(JSON.parse(flaps) as number[], now);
}

/** The columns that a move changes. */
export function columnsOf(instance: Instance, { now, forMs, keepMs }: Omit<Timing, 'enough' | 'periodMs'>) {
  const { state, firstTrueAt, clearingAt, flaps } = instance;
  const due = {
    pending: firstTrueAt + forMs,
    firing: null,
    clearing: (clearingAt ?? now) + keepOf(keepMs, flaps, now),
    resolved: null,
  };
  return {
    ...{ state, first_true_at: firstTrueAt, fired_at: instance.firedAt, clearing_at: clearingAt },
    ...{ resolved_at: instance.resolvedAt, resolve_reason: instance.resolveReason, due_at: due[state] },
    ...{
      unknown_since: instance.unknownSince,
      no_data_since: instance.noDataSince,
      flaps: JSON.stringify(flaps),
    },
  };
}

/** The row of an alert that opens. */
export function newRow(
  { rule, condition, sample, key }: { rule: CurrentRule; condition: Condition; sample: Sample; key: string },
  instance: Instance,
  timing: Timing,
): AlertRow {
  const { asset, says, value } = sample;
  const title = titleAt(asset, says === undefined ? rule.title : { en: says.title, vi: says.title });
  return {
    ...{ id: randomUUID(), rule: rule.slug, rule_version: rule.version, condition: condition.name },
    severity: says?.severity ?? condition.severity,
    ...{ asset_kind: asset.kind, asset_path: asset.path, asset_name: asset.name, dedup_key: key },
    group_key: groupKey(rule.groupBy, asset.path),
    ...{ title: JSON.stringify(title), runbook: says?.runbook ?? rule.runbook },
    ...{ value: typeof value === 'number' ? value : null, unit: SIGNALS[condition.signal].unit },
    ...{ threshold: condition.threshold, suppressed_by: '[]', announced_at: null },
    ...columnsOf(instance, timing),
  };
}

/** Incidents and pages take an alert's title: that of a drill says so. */
function titleAt({ path }: Asset, { en, vi }: Text): Text {
  return isDrill(path) ? { en: DRILL_PREFIX.en + en, vi: DRILL_PREFIX.vi + vi } : { en, vi };
}

/** What alerts are joined by; operations design, opening rule. */
export function groupKey(by: GroupBy, path: string): string {
  const [site = path] = path.split('/', 1);
  return by === 'site' ? `site:${site}` : `${by}:${path}`;
}

/** Add an event to an alert's history. */
export async function addEvent(
  trx: Queryable,
  event: { readonly alert: string; readonly kind: string; readonly data?: object },
  now: number,
): Promise<void> {
  const { alert: alert_id, kind, data = {} } = event;
  const { last } = await trx
    .selectFrom('alert_event')
    .select(({ fn }) => fn.max<number | null>('seq').as('last'))
    .where('alert_id', '=', alert_id)
    .executeTakeFirstOrThrow();
  const row: Insertable<Tables['alert_event']> = {
    ...{ alert_id, seq: (last ?? 0) + 1, at: now, kind, data: JSON.stringify(data) },
  };
  await trx.insertInto('alert_event').values(row).execute();
}
