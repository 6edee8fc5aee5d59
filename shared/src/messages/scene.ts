import { z } from 'zod';
import { utcMsSchema } from '../envelope.js';
import { slugSchema } from '../topics.js';

/** What can be wrong with a camera's picture although frames arrive. */
export const SCENE_CONDITIONS = ['frozen', 'black', 'overexposed', 'covered', 'defocused', 'moved'] as const;

/** One of {@link SCENE_CONDITIONS}. */
export type SceneCondition = (typeof SCENE_CONDITIONS)[number];

const conditionsSchema = z.array(z.enum(SCENE_CONDITIONS)).max(SCENE_CONDITIONS.length);

/** Conditions under which part of an interval was counted: its numbers are there, but not to be trusted. */
export const suspectSchema = conditionsSchema
  .default([])
  .describe('what was wrong with the picture in part of the interval; empty when nothing was');

/**
 * The picture of a camera changed its conditions, or somebody said that it is right as it is. Says all conditions that
 * hold from now on, so that one lost record does no harm after the next.
 */
export const sceneRecordSchema = z.object({
  kind: z.literal('scene'),
  camera: slugSchema,
  at: utcMsSchema,
  active: conditionsSchema,
  accepted: z
    .boolean()
    .describe(
      'a person has looked at the picture and takes it as the new reference; alone ends a tamper incident',
    ),
});

export type SceneRecord = z.infer<typeof sceneRecordSchema>;
