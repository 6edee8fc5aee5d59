import { slugSchema } from '@headcount/shared';
import { z } from 'zod';

/** True for a time zone of the IANA database that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Z]/.test(name);
  } catch {
    return false;
  }
}

export const timeZoneSchema = z
  .string()
  .refine(isTimeZone, 'is no time zone of the IANA database; write one such as Asia/Ho_Chi_Minh');

/** When nobody is inside any more. */
export const closingTimeSchema = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM, such as 22:00')
  .describe('HH:MM on the wall clock of the site: nobody is inside any more');

/** Days of a week as they are written; the first is Monday. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const HOURS = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** Stretches of a day's wall clock. */
const hoursSchema = z
  .string()
  .refine(
    (text) => text.split(',').every((part) => HOURS.test(part.trim())),
    'must be from and to such as 08:00-22:00, several with commas between; 18:00-02:00 reaches into the next day',
  );

export const openingHoursSchema = z
  .partialRecord(z.enum(WEEKDAYS), hoursSchema)
  .describe('by weekday (mon to sun), on the wall clock of the site; a day that is left out is closed');

const dateSchema = z.iso.date('must be a date such as 2026-12-25');

const closureSchema = z
  .strictObject({
    name: z.string().min(1).max(100).describe('why, such as the name of a holiday'),
    from: dateSchema.describe('first day, on the calendar of the site'),
    to: dateSchema.optional().describe('last day; the first one where it is left out'),
    hours: hoursSchema.optional().describe('open then after all; closed all day where it is left out'),
  })
  .refine(({ from, to }) => to === undefined || to >= from, {
    error: 'must not lie before "from"',
    path: ['to'],
  });

/** Days on which other hours count than on others of the week. */
export const closuresSchema = z.array(closureSchema).max(400);

/** What people may change of a site. */
export const siteChangeSchema = z.strictObject({
  closingTime: closingTimeSchema.nullable().optional(),
  openingHours: openingHoursSchema.nullable().optional(),
  closures: closuresSchema.optional(),
});

export const siteSchema = z.object({
  name: slugSchema,
  timeZone: z.string(),
  closingTime: closingTimeSchema.nullable().describe('null when it never closes'),
  openingHours: openingHoursSchema.nullable().describe('null where nobody has said when it is open'),
  closures: closuresSchema,
  open: z.boolean().nullable().describe('whether it is open now; null without opening hours'),
  changesAt: z
    .int()
    .nullable()
    .describe('when it opens or closes next, UTC ms; null when not within two weeks'),
  closure: z.string().nullable().describe('name of the closure that today is'),
});

export const sitesSchema = z.object({ sites: z.array(siteSchema) });

export type OpeningHours = z.infer<typeof openingHoursSchema>;
export type Closure = z.infer<typeof closureSchema>;
export type SiteChange = z.infer<typeof siteChangeSchema>;
export type SiteAnswer = z.infer<typeof siteSchema>;
