import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ConfigError, LOG_LEVELS, readConfig, readSecret, slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { cameraSchema, uniqueIds } from './camera-config.js';
import { collectorSchema, readLogin } from './collector-config.js';
import { readTls, type TlsFiles } from './status-tls.js';

/** The PIN may come from this environment variable instead of a file. */
const PIN_VARIABLE = 'HEADCOUNT_STATUS_PIN';

/** Model families that the detector can run. */
export const MODEL_FAMILIES = ['nanodet', 'yolox', 'yolov8'] as const;

/** Most cameras of one gateway. */
export const MAX_CAMERAS = 16;

/** Least score that starts a track. */
export const thresholdSchema = z.number().min(0.1).max(0.95);
/** Folder of everything that the agent keeps. */
export const DEFAULT_DATA_DIR = '/var/lib/headcount';

/** The agent's configuration file; every field, its unit and its default. */
export const fileSchema = z.strictObject({
  gateway: slugSchema.describe('name of this gateway at the collector'),
  collector: collectorSchema,
  dataDir: z.string().min(1).default(DEFAULT_DATA_DIR).describe('folder of the outbox'),
  status: z.strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
    port: z.int().min(0).max(65535).default(8686),
    pinFile: z.string().min(1).optional().describe(`or the environment variable ${PIN_VARIABLE}`),
    tls: z
      .strictObject({
        certFile: z.string().min(1).describe('PEM certificate, with those of the authorities that it needs'),
        keyFile: z.string().min(1).describe('PEM private key of the certificate'),
      })
      .optional()
      .describe('HTTPS instead of HTTP; "headcount-agent make-certificate" makes both files'),
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
      publicKeyFile: z
        .string()
        .min(1)
        .default('/etc/headcount-update.pub')
        .describe("the publisher's Ed25519 public key, PEM; the default is where the installation looks too"),
    })
    .optional()
    .describe('take releases from the collector; needs an enrolled gateway'),
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
    /** Undefined where a certificate is the login. */
    password: string | undefined;
    pin: string;
    /** What the status page's HTTPS needs; undefined for plain HTTP. */
    tls: TlsFiles | undefined;
    /** First 12 hex digits of the SHA-256 of the checked file; stands on every count. */
    version: string;
  }
>;

/**
 * Read and check a configuration file and the secrets that it names.
 * @throws ConfigError with every problem at once
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv): AgentConfig {
  const secrets = {
    password: undefined as string | undefined,
    pin: '',
    tls: undefined as TlsFiles | undefined,
  };
  const credentials = new Map<string, CameraConfig['credentials']>();
  const file = readConfig(path, fileSchema, (config, problem) => {
    secrets.password = readLogin(config.collector, env, problem);
    const pin = readSecret(config.status.pinFile, PIN_VARIABLE, env);
    if ('problem' in pin) problem(['status', 'pinFile'], pin.problem);
    else if (!/^\d{6,12}$/.test(pin.secret)) problem(['status', 'pinFile'], 'the PIN must be 6 to 12 digits');
    else secrets.pin = pin.secret;
    const { httpsUrl, certFile } = config.collector;
    if (config.update !== undefined && (httpsUrl === undefined || certFile === undefined))
      problem(
        ['update'],
        'needs an enrolled gateway: headcount-agent enroll writes collector.httpsUrl and its files',
      );
    const tls = config.status.tls && readTls(config.status.tls);
    if (tls && 'problems' in tls)
      tls.problems.forEach(([field, text]) => problem(['status', 'tls', field], text));
    else if (tls) secrets.tls = tls;
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

/**
 * One camera of a configuration file, without any secret: for commands that only look at a clip.
 * @param id may be left out where the file has one camera
 * @throws ConfigError with every problem at once
 */
export function readCamera(path: string, id: string | undefined): ConfigFile['cameras'][number] {
  const { cameras } = readConfig(path, fileSchema, () => undefined);
  const [only, ...others] = cameras;
  const found = id === undefined && others.length === 0 ? only : cameras.find((camera) => camera.id === id);
  if (found !== undefined) return found;
  const names = cameras.map((camera) => camera.id).join(', ');
  const problem = id === undefined ? 'several cameras' : `no camera "${id}"`;
  throw new ConfigError(path, [`cameras: there is ${problem} in it; choose one of ${names}`]);
}
