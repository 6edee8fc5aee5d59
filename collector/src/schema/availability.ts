import { slugSchema } from '@headcount/shared';
import { z } from 'zod';

const ms = z.int().min(0);
const share = z.number().min(0).max(1).nullable();

const times = {
  goodMs: ms.describe('the camera sent pictures'),
  badMs: ms.describe('it did not'),
  unknownMs: ms.describe('nothing was received, or the agent did not run: nobody can say'),
  maintenanceMs: ms.describe('switched off on purpose, or within a maintenance window'),
  availability: share.describe('good / (good + bad); null while both are 0'),
  coverage: share.describe('(good + bad) / all: how much of the time is known; null while there is none'),
};

export const cameraAvailabilitySchema = z.object({
  gateway: slugSchema,
  id: slugSchema,
  name: z.string(),
  site: slugSchema,
  ...times,
});
const groupSchema = z.object({ name: slugSchema, ...times });

export const availabilityQuerySchema = z.object({
  days: z.coerce.number().int().min(1).max(400).default(28).describe('days back from now'),
});

export const availabilitySchema = z.object({
  from: z.int().describe('UTC ms'),
  to: z.int().describe('UTC ms'),
  target: z.number().describe('what every camera should reach'),
  cameras: z.array(cameraAvailabilitySchema),
  gateways: z.array(groupSchema).describe('all cameras of a gateway together'),
  sites: z.array(groupSchema).describe('all cameras of a site together'),
});

export type CameraAvailability = z.infer<typeof cameraAvailabilitySchema>;
export type AvailabilityAnswer = z.infer<typeof availabilitySchema>;
