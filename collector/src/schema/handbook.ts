import { slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { HANDBOOK_PARTS } from './handbook-words.js';

const language = z.enum(['en', 'vi']).default('en');

const pageSchema = z.object({
  slug: z.string(),
  kind: z.enum(['runbook', 'guide']),
  part: z.enum(HANDBOOK_PARTS),
  title: z.string(),
});

export const handbookQuerySchema = z.object({
  language,
  q: z
    .string()
    .trim()
    .max(100)
    .default('')
    .describe('words that must all stand in a page, with or without their accents'),
});
export const handbookListSchema = z.object({
  pages: z.array(
    pageSchema.extend({ excerpt: z.string().nullable().describe('where the first word was found') }),
  ),
});

export const handbookParamsSchema = z.object({ slug: slugSchema });
export const handbookPageQuerySchema = z.object({ language });
export const handbookPageSchema = pageSchema.extend({
  markdown: z.string(),
  rules: z.array(z.object({ slug: z.string(), title: z.string() })).describe('alert rules that point here'),
});

export type HandbookList = z.infer<typeof handbookListSchema>;
export type HandbookPage = z.infer<typeof handbookPageSchema>;
export type HandbookLanguage = z.infer<typeof language>;
