import { z } from 'zod';
import { ruleOverrideSchema, SEVERITIES } from './alerts.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const count = z.int().min(0);
const severity = z.enum(SEVERITIES);

/** What of a rule can differ from one version to the next. */
const CHANGED_FIELDS = ['enabled', 'keepSeconds', 'threshold', 'clear', 'forSeconds', 'severity'] as const;

const value = z.union([z.boolean(), z.number(), z.string(), z.null()]);

export const ruleVersionsSchema = z.object({
  default: z.object({
    keepSeconds: z.int(),
    severity,
    conditions: z.array(
      z.object({
        name: z.string(),
        threshold: z.number(),
        clear: z.number().nullable(),
        forSeconds: z.int(),
        severity,
      }),
    ),
  }),
  versions: z
    .array(
      z.object({
        version: z.int(),
        author: z.string(),
        at: utcMs,
        override: ruleOverrideSchema,
        changes: z
          .array(
            z.object({
              field: z.enum(CHANGED_FIELDS),
              condition: z.string().describe('empty for the only one, and for what is of the whole rule'),
              unit: z.string(),
              before: value,
              after: value,
            }),
          )
          .describe('from the version before it'),
      }),
    )
    .describe('the newest first; the default is none of them'),
});

export const tryRuleSchema = z.strictObject({
  override: ruleOverrideSchema,
  days: z.int().min(1).max(31).default(28),
});

const outcome = z.object({
  fired: count,
  paged: count.describe(
    'incidents that would have been opened: those of low severity open none, those of a group within 45 minutes one',
  ),
});

export const ruleTrialSchema = z.object({
  from: utcMs,
  to: utcMs,
  before: outcome.describe('as the rule is now'),
  after: outcome.describe('as it would be'),
  untold: z.array(z.string()).describe('conditions of which no history is stored; they are left out'),
});

export type RuleVersions = z.infer<typeof ruleVersionsSchema>;
export type RuleChange = RuleVersions['versions'][number]['changes'][number];
export type RuleTrial = z.infer<typeof ruleTrialSchema>;
