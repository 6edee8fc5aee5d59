import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { LOG_LEVELS, readConfig, readSecret, slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { cameraSchema, uniqueIds } from './camera-config.js';

/** Secrets may come from these environment variables instead of files. */
const PASSWORD_VARIABLE = 'HEADCOUNT_GATEWAY_PASSWORD';
const PIN_VARIABLE = 'HEADCOUNT_STATUS_PIN';

/** Model families that the detector can run. */
export const MODEL_FAMILIES = ['nanodet', 'yolox', 'yolov8'] as const;

/** Most cameras of one gateway. */
export const MAX_CAMERAS = 16;

/** Least score that starts a track. */
export const thresholdSchema = z.number().min(0.1).max(0.95);

/** The agent's configuration file; every field, its unit and its default. */
const fileSchema = z.strictObject({
  gateway: slugSchema.describe('name of this gateway at the collector'),
  collector: z.strictObject({
    url: z
      .string()
      .regex(/^mqtts?:\/\/[^@]+$/, 'must be mqtt://host:port or mqtts://host:port, without a password'),
    passwordFile: z.string().min(1).optional().describe(`or the environment variable ${PASSWORD_VARIABLE}`),
  }),
  dataDir: z.string().min(1).default('/var/lib/headcount').describe('folder of the outbox'),
  status: z.strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
    port: z.int().min(0).max(65535).default(8686),
    pinFile: z.string().min(1).optional().describe(`or the environment variable ${PIN_VARIABLE}`),
  }),
  detector: z
    .strictObject({
      model: z
        .string()
        .min(1)
        .default(fileURLToPath(new URL('../../models/person-detector.onnx', import.meta.url)))
        .describe('ONNX file'),
      family: z
        .enum(['auto', ...MODEL_FAMILIES])
        .default('auto')
        .describe('what kind of model it is; auto reads it from the file'),
      precision: z
        .enum(['auto', 'fp32', 'int8'])
        .default('auto')
        .describe('auto takes <model>.int8.onnx where it stands beside the model, is faster and as good'),
      threads: z.int().min(1).max(16).default(1).describe('CPU threads of one inference'),
      threshold: thresholdSchema.default(0.5).describe('least score that starts a track'),
    })
    .prefault({}),
  update: z
    .strictObject({
      publicKeyFile: z.string().min(1).describe('Ed25519 public key of whoever publishes releases, PEM'),
      url: z
        .string()
        .regex(
          /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/])[^@]*$/,
          'must be https://host:port of the collector, without a password',
        )
        .describe('where releases come from; this gateway logs in there with its name and password'),
      caFile: z.string().min(1).optional().describe('CA certificate of the collector, PEM'),
    })
    .optional()
    .describe('updates over the air; none without it'),
  logLevel: z.enum(LOG_LEVELS).default('info'),
  cameras: z
    .array(cameraSchema)
    .min(1, 'must hold at least one camera')
    .max(MAX_CAMERAS)
    .superRefine(uniqueIds),
});

type ConfigFile = z.infer<typeof fileSchema>;

/** One of {@link MODEL_FAMILIES}. */
export type ModelFamily = (typeof MODEL_FAMILIES)[number];

/** One camera with its credentials, which are never shown or logged. */
export type CameraConfig = ConfigFile['cameras'][number] & {
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
};

/** The checked configuration with its secrets. */
export type AgentConfig = Readonly<
  Omit<ConfigFile, 'cameras'> & {
    cameras: readonly CameraConfig[];
    password: string;
    pin: string;
    /** First 12 hex digits of the SHA-256 of the checked file; stands on every count. */
    version: string;
  }
>;

/**
 * Read and check a configuration file and the secrets that it names.
 * @throws ConfigError with every problem at once
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv): AgentConfig {
  const secrets = { password: '', pin: '' };
  const credentials = new Map<string, CameraConfig['credentials']>();
  const file = readConfig(path, fileSchema, (config, problem) => {
    const password = readSecret(config.collector.passwordFile, PASSWORD_VARIABLE, env);
    if ('problem' in password) problem(['collector', 'passwordFile'], password.problem);
    else secrets.password = password.secret;
    const pin = readSecret(config.status.pinFile, PIN_VARIABLE, env);
    if ('problem' in pin) problem(['status', 'pinFile'], pin.problem);
    else if (!/^\d{6,12}$/.test(pin.secret)) problem(['status', 'pinFile'], 'the PIN must be 6 to 12 digits');
    else secrets.pin = pin.secret;
    config.cameras.forEach((camera, index) => {
      if (camera.credentialsFile === undefined) return;
      const read = readSecret(camera.credentialsFile, '', {});
      const [user, ...rest] = 'secret' in read ? read.secret.split(':') : [];
      if ('problem' in read) problem(['cameras', index, 'credentialsFile'], read.problem);
      else if (!user || rest.length === 0)
        problem(['cameras', index, 'credentialsFile'], 'must hold "user:password"');
      else credentials.set(camera.id, { user, password: rest.join(':') });
    });
  });
  const version = createHash('sha256').update(JSON.stringify(file)).digest('hex').slice(0, 12);
  const cameras = file.cameras.map((camera) => ({ ...camera, credentials: credentials.get(camera.id) }));
  return Object.freeze({ ...file, ...secrets, cameras, version });
}
