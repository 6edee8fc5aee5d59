import { z } from 'zod';

const utcMs = z.int().describe('UTC milliseconds since 1970');

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export const ALERT_STATES = ['pending', 'firing', 'clearing', 'resolved'] as const;
const severity = z.enum(SEVERITIES);
const text = z.object({ en: z.string(), vi: z.string() });
const seconds = z
  .int()
  .min(0)
  .max(30 * 24 * 3600);

/** What people may change of a rule; what is left out is as the default has it. */
export const ruleOverrideSchema = z.strictObject({
  enabled: z.boolean().optional().describe('false: it opens nothing, and what is open resolves'),
  forSeconds: seconds.optional().describe('for how long its conditions must be true before it fires'),
  keepSeconds: seconds.optional().describe('for how long they must be false before it resolves'),
  severity: severity.optional().describe('of all of its conditions'),
  thresholds: z
    .record(z.string(), z.number())
    .optional()
    .describe('by condition, in the unit of its signal; the name of the only condition is ""'),
  clears: z
    .record(z.string(), z.number())
    .optional()
    .describe('where a value must come back to, by condition'),
});

const conditionSchema = z.object({
  name: z.string(),
  signal: z.string(),
  unit: z.string(),
  op: z.enum(['>', '>=', '<', '<=']),
  threshold: z.number(),
  clear: z.number().nullable().describe('null for one that never resolves by itself'),
  severity,
  forSeconds: z.int(),
  minSamples: z.int(),
});

export const alertRuleSchema = z.object({
  number: z.int(),
  slug: z.string(),
  title: text,
  meaning: text,
  severity,
  enabled: z.boolean(),
  version: z.int().describe('0 for the default'),
  signal: z.string().nullable().describe('of the first condition'),
  conditions: z.array(conditionSchema),
  keepSeconds: z.int(),
  groupBy: z.enum(['site', 'line', 'host', 'component']),
  inhibitedBy: z.array(z.string()),
  runbook: z.string(),
  dryRun: z.boolean().describe('whether stored history can tell how often it would have fired'),
  override: ruleOverrideSchema,
});
export const alertRulesSchema = z.object({ rules: z.array(alertRuleSchema) });

const assetSchema = z.object({ kind: z.string(), path: z.string(), name: z.string() });

export const alertSchema = z.object({
  id: z.string(),
  rule: z.string(),
  ruleVersion: z.int(),
  condition: z.string(),
  title: text,
  severity,
  state: z.enum(ALERT_STATES),
  asset: assetSchema,
  groupKey: z.string(),
  value: z.number().nullable().describe('at the last change of the state'),
  threshold: z.number(),
  unit: z.string(),
  since: utcMs.describe('since when the condition has been true'),
  firedAt: utcMs.nullable(),
  resolvedAt: utcMs.nullable(),
  resolveReason: z.enum(['auto', 'stale', 'manual', 'rule_removed']).nullable(),
  dueAt: utcMs.nullable().describe('when it fires or resolves if nothing changes'),
  suppressedBy: z.array(z.string()).describe('why nobody is told'),
  parent: z.string().nullable().describe('the open alert that explains this one'),
  incident: z.string().nullable().describe('the incident that it belongs to, such as INC-7'),
  noDataSince: utcMs.nullable(),
  flapping: z.boolean(),
  runbook: z.string(),
  endsByHand: z.boolean().describe('only a person ends it: POST /api/v1/alerts/:id/resolve'),
});

export const alertsQuerySchema = z.object({
  state: z
    .enum(['open', ...ALERT_STATES])
    .default('open')
    .describe('open: firing and clearing'),
  severity: severity.optional(),
  rule: z.string().max(64).optional(),
  asset: z.string().max(300).optional().describe('path of an asset; those below it too'),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
export const alertsSchema = z.object({
  alerts: z.array(alertSchema),
  total: z.int().describe('how many there are in all'),
});

export const alertDetailSchema = alertSchema.extend({
  meaning: text.nullable(),
  events: z.array(
    z.object({ seq: z.int(), at: utcMs, kind: z.string(), data: z.record(z.string(), z.unknown()) }),
  ),
});

export const resolveAlertSchema = z.object({ reason: z.string().trim().min(3).max(300) });

const count = (max: number) => z.coerce.number().min(0).max(max).optional();
export const dryRunQuerySchema = z.object({
  days: z.coerce.number().int().min(1).max(31).default(7),
  condition: z.string().max(32).optional().describe('the first one where it is left out'),
  forSeconds: count(30 * 24 * 3600),
  keepSeconds: count(30 * 24 * 3600),
  threshold: z.coerce.number().optional(),
  clear: z.coerce.number().optional(),
});
export const dryRunSchema = z.object({
  from: utcMs,
  to: utcMs,
  condition: z.string(),
  places: z.int().describe('that were looked at'),
  fired: z.int(),
  atNight: z.int().describe("of those, between 22:00 and 06:00 on the site's clock"),
  longestMs: z.int().nullable(),
  openNow: z.int().describe('still firing at the end'),
  examples: z.array(z.object({ asset: assetSchema, from: utcMs, to: utcMs.nullable() })),
  sentence: z.string(),
});

/** Alertmanager's webhook, version 4; what is not used here is let through. */
export const alertmanagerSchema = z.object({
  version: z.literal('4'),
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()).default({}),
        startsAt: z.iso.datetime({ offset: true }),
        endsAt: z.iso.datetime({ offset: true }),
        fingerprint: z.string().min(1).max(64),
      }),
    )
    .max(5000),
});
export const alertmanagerAnswerSchema = z.object({ taken: z.int() });

export type RuleOverride = z.infer<typeof ruleOverrideSchema>;
export type AlertRuleAnswer = z.infer<typeof alertRuleSchema>;
export type AlertAnswer = z.infer<typeof alertSchema>;
export type AlertDetail = z.infer<typeof alertDetailSchema>;
export type DryRunQuery = z.infer<typeof dryRunQuerySchema>;
export type DryRunAnswer = z.infer<typeof dryRunSchema>;
export type AlertmanagerMessage = z.infer<typeof alertmanagerSchema>;
