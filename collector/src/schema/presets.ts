import { slugSchema } from '@headcount/shared';
import { z } from 'zod';

/** Fields that belong to one place: a preset is for many cameras. */
const OF_ONE_CAMERA = [
  'id',
  'name',
  'url',
  'credentialsFile',
  'lines',
  'zones',
  'region',
  'masks',
  'preset',
  'host',
];

/** What a preset says of cameras that name it. */
export const presetBodySchema = z.strictObject({
  note: z.string().max(200).default('').describe('for people: which cameras it is for'),
  url: z
    .string()
    .max(500)
    .regex(
      /^rtsps?:\/\/\{host\}/,
      'must begin with rtsp://{host} or rtsps://{host}; a password stands in a file of the gateway',
    )
    .optional()
    .describe('address with {host} where that of the camera belongs'),
  camera: z
    .record(z.string(), z.unknown())
    .refine((fields) => OF_ONE_CAMERA.every((field) => !(field in fields)), {
      error: `must not hold what belongs to one camera: ${OF_ONE_CAMERA.join(', ')}`,
    })
    .default({})
    .describe('fields of the configuration of a camera, such as fps or person'),
});

export const presetSchema = presetBodySchema.extend({ name: slugSchema });

export const presetsSchema = z.object({
  presets: z.array(
    presetSchema.extend({
      builtIn: z.boolean().describe('part of the program; cannot be changed'),
      gateways: z
        .array(z.object({ name: slugSchema, behind: z.boolean() }))
        .describe(
          'who uses it, and whether it is still as it was when that was last sent: start a roll-out then',
        ),
    }),
  ),
});

export type CameraPreset = z.infer<typeof presetSchema>;
export type PresetUse = z.infer<typeof presetsSchema>['presets'][number];
export type PresetBody = z.infer<typeof presetBodySchema>;
