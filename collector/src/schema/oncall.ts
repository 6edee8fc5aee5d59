import { slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { openingHoursSchema, timeZoneSchema } from './sites.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const username = z.string().min(1).max(64);

/** L1 on-call engineer, L2 senior, L3 technical lead, L4 project manager. */
export const LEVELS = [1, 2, 3, 4] as const;
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
/** What a turn is measured in, and the most of it. */
export const TURNS = { hours: 168, days: 90, weeks: 26, months: 12 } as const;
const ROTATION_KINDS = ['hours', 'days', 'weeks', 'months'] as const;
/** Longest time that somebody can stand in for others (ms). */
const LONGEST_OVERRIDE_MS = 60 * 24 * 3_600_000;

export const levelSchema = z
  .union(LEVELS.map((level) => z.literal(level)))
  .describe('1 on-call engineer, 2 senior, 3 technical lead, 4 project manager');
const levelParam = z.coerce.number().pipe(levelSchema);

/** Real times of a calendar only: the 30th of February is none. */
const wallTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d$/, 'must be a date and a time such as 2026-03-02T09:00')
  .refine(
    (text) => new Date(Date.parse(`${text}Z`) || 0).toISOString().startsWith(text),
    'is no day of the calendar',
  )
  .describe("first hand-off on the wall clock of the schedule's zone; later ones keep its time of day");

const rotationSchema = z
  .strictObject({
    kind: z.enum(ROTATION_KINDS),
    length: z
      .int('must be a whole number')
      .min(1, 'must be 1 at least')
      .describe('how many hours, days, weeks or months a turn lasts'),
    start: wallTime,
    members: z
      .array(username)
      .min(1, 'must name somebody; take the rotation out where nobody takes turns')
      .max(50)
      .describe('in the order of their turns'),
    hours: openingHoursSchema
      .nullable()
      .default(null)
      .describe('only in these hours of the week, on the wall clock; null for all'),
  })
  .refine(({ kind, length }) => length <= TURNS[kind], {
    path: ['length'],
    message: `must be at most ${Object.entries(TURNS)
      .map(([kind, most]) => `${most} ${kind}`)
      .join(', ')}`,
  });

export const teamParamSchema = z.object({ team: slugSchema });
export const scheduleParamSchema = z.object({ team: slugSchema, level: levelParam });

export const newTeamSchema = z.strictObject({
  title: z.string().trim().min(1).max(100),
  members: z.array(username).max(200),
});

export const newScheduleSchema = z.strictObject({
  timeZone: timeZoneSchema.describe('IANA zone in which hand-offs keep their time'),
  rotations: z
    .array(rotationSchema)
    .max(10)
    .describe('where several cover a moment, the first one counts; the others fill what it leaves'),
});

export const teamsSchema = z.object({
  teams: z.array(
    z.object({
      name: slugSchema,
      ...newTeamSchema.shape,
      schedules: z.array(z.object({ level: levelSchema, ...newScheduleSchema.shape })),
    }),
  ),
});

export const newOverrideSchema = z
  .strictObject({
    team: slugSchema,
    level: levelSchema,
    from: utcMs,
    to: utcMs,
    user: username.describe('who is on duty then; somebody else than you: needs the role "operator"'),
    reason: z.string().trim().min(1).max(200),
    replaces: username
      .nullable()
      .default(null)
      .describe('only where this person would be on duty; null for whoever is'),
  })
  .refine(({ from, to }) => to > from && to - from <= LONGEST_OVERRIDE_MS, {
    path: ['to'],
    message: 'must lie after "from", by 60 days at most',
  })
  .refine(({ user, replaces }) => user !== replaces, {
    path: ['replaces'],
    message: 'must be somebody else than "user"',
  });

export const overrideSchema = z.object({
  id: z.uuid(),
  ...newOverrideSchema.shape,
  createdBy: z.string(),
});

export const newNoteSchema = z.strictObject({
  level: levelSchema,
  text: z.string().trim().min(1).max(4000),
});
export const noteSchema = z.object({ author: z.string(), at: utcMs, text: z.string() });

const turnSchema = z.object({
  user: z.string().nullable().describe('null while nobody is on duty'),
  from: utcMs,
  to: utcMs.nullable().describe('null when nothing changes in the 90 days that are planned'),
});

export const onCallSchema = z.object({
  at: utcMs,
  teams: z.array(
    z.object({
      name: slugSchema,
      title: z.string(),
      levels: z.array(
        z.object({
          level: levelSchema,
          timeZone: z.string(),
          now: turnSchema,
          reachable: z
            .boolean()
            .describe('false: whoever is on duty has no verified contact, or is locked out'),
          next: turnSchema.nullable().describe('who comes after that; null when nothing changes'),
          note: noteSchema.nullable().describe('the newest hand-over note of the last seven days'),
        }),
      ),
    }),
  ),
});

export const calendarQuerySchema = z.object({
  team: slugSchema,
  days: z.coerce.number().int().min(1).max(60).default(14),
});

export const calendarSchema = z.object({
  timeZone: z.string().describe('of the lowest level; days begin at its midnight'),
  days: z.array(z.object({ from: utcMs, to: utcMs })),
  levels: z.array(
    z.object({
      level: levelSchema,
      spans: z.array(
        z.object({ from: utcMs, to: utcMs, user: z.string().nullable(), override: z.string().nullable() }),
      ),
      overrides: z.array(overrideSchema).describe('that are in force or to come'),
    }),
  ),
});

export const gapSchema = z.object({
  problem: z
    .enum(['uncovered', 'disabled-user', 'unreachable', 'unverified-contact', 'failed-contact'])
    .describe(
      'uncovered: nobody is on duty; disabled-user: somebody is who is locked out; unreachable: without any verified contact',
    ),
  team: slugSchema,
  level: levelSchema,
  user: z.string().nullable(),
  contact: z.string().nullable().describe('kind of the contact that is unverified or failed'),
  from: utcMs.describe('when it matters first'),
  to: utcMs,
});
export const gapsSchema = z.object({ gaps: z.array(gapSchema) });

export const schedulePreviewSchema = z.object({
  from: utcMs,
  to: utcMs,
  duties: z
    .array(
      z.object({
        from: utcMs,
        to: utcMs,
        user: z.string().nullable(),
        override: z.string().nullable(),
        gap: z
          .enum(['no-rotation', 'not-begun', 'out-of-hours'])
          .nullable()
          .describe(
            'why nobody is on duty: there is no rotation, none has begun yet, or it is outside of the hours of all',
          ),
      }),
    )
    .describe('without hole from beginning to end; those beyond 1000 are left out'),
  problems: z.array(gapSchema).describe('people on duty who cannot be reached, and why'),
});

export const escalationSchema = z.object({
  ladders: z.array(
    z.object({
      severity: z.enum(SEVERITIES),
      steps: z.array(
        z.object({
          level: levelSchema,
          offsetMs: z.int().min(0).describe('after the start of the incident'),
          repeat: z.boolean().describe('the level was paged before'),
        }),
      ),
    }),
  ),
});

const calendarFeedSchema = z.object({
  id: z.uuid(),
  team: slugSchema.nullable().describe('null for your own shifts'),
  level: levelSchema.nullable(),
  createdAt: utcMs,
  usedAt: utcMs.nullable(),
});
export const calendarFeedsSchema = z.object({ calendars: z.array(calendarFeedSchema) });
export const newCalendarFeedSchema = z
  .strictObject({ team: slugSchema.nullable().default(null), level: levelSchema.nullable().default(null) })
  .refine(({ team, level }) => (team === null) === (level === null), {
    path: ['level'],
    message: 'team and level are given together, or neither',
  });
export const madeCalendarFeedSchema = z.object({
  id: z.uuid(),
  path: z.string().describe('address on this collector; shown this once, whoever has it sees the calendar'),
});

export type Rotation = z.infer<typeof rotationSchema>;
export type NewTeam = z.infer<typeof newTeamSchema>;
export type NewSchedule = z.infer<typeof newScheduleSchema>;
export type Team = z.infer<typeof teamsSchema>['teams'][number];
export type NewOverride = z.infer<typeof newOverrideSchema>;
export type Override = z.infer<typeof overrideSchema>;
export type OnCallAnswer = z.infer<typeof onCallSchema>;
export type TeamOnCall = OnCallAnswer['teams'][number];
export type LevelOnCall = TeamOnCall['levels'][number];
export type CalendarAnswer = z.infer<typeof calendarSchema>;
export type SchedulePreview = z.infer<typeof schedulePreviewSchema>;
export type Gap = z.infer<typeof gapSchema>;
export type CalendarFeed = z.infer<typeof calendarFeedSchema>;
