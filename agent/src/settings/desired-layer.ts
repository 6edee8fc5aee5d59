import { createHash } from 'node:crypto';
import { LOG_LEVELS, slugSchema, type ConfigProblem } from '@headcount/shared';
import { z } from 'zod';
import { cameraSchema } from '../config/camera-config.js';
import { MAX_CAMERAS, thresholdSchema, type AgentConfig, type CameraConfig } from '../config/config.js';

/** What a collector may ask for. The rest of the file belongs to whoever stands at the gateway. */
const settingsSchema = z.strictObject({
  logLevel: z.enum(LOG_LEVELS).optional(),
  detector: z.strictObject({ threshold: thresholdSchema.optional() }).optional(),
  cameras: z
    .array(z.looseObject({ id: slugSchema }))
    .max(MAX_CAMERAS)
    .optional(),
});

type DesiredSettings = z.infer<typeof settingsSchema>;

/**
 * Per path of a desired field, the hash of what the file said when it was accepted: whoever edits that field in the
 * file later has the last word. `null` as the whole of a camera: the file did not have it.
 */
type Underneath = Readonly<Record<string, string>>;

/** A desired configuration with what it was laid over. */
export interface DesiredLayer {
  readonly settings: DesiredSettings;
  readonly under: Underneath;
}

/** A file with a desired configuration over it. */
export interface Layered {
  readonly config: AgentConfig;
  /** Paths of desired fields that do not count because the file was changed later. */
  readonly overridden: readonly string[];
}

/** Check what a collector wants against the schemas of the file; every problem at once, with its path. */
export function checkDesired(
  file: AgentConfig,
  wanted: unknown,
): { readonly layer: DesiredLayer } | { readonly problems: readonly ConfigProblem[] } {
  const parsed = settingsSchema.safeParse(wanted);
  if (!parsed.success) return { problems: parsed.error.issues.map((issue) => problemOf('', issue)) };
  const { cameras = [] } = parsed.data;
  const problems = cameras.flatMap((patch, index) => [
    ...twice(cameras, index),
    ...forbidden(file, patch),
    ...wrongFields(file, patch),
  ]);
  const added = cameras.filter(({ id }) => fileCamera(file, id) === undefined);
  if (file.cameras.length + added.length > MAX_CAMERAS)
    problems.push({ path: 'cameras', message: `a gateway has at most ${MAX_CAMERAS} cameras` });
  if (problems.length > 0) return { problems };
  return { layer: { settings: parsed.data, under: underneath(file, parsed.data) } };
}

/** A layer that was kept in a file; undefined when another version of this program kept something else. */
export function restoreLayer(
  kept: { settings: unknown; under: Underneath } | null,
): DesiredLayer | undefined {
  const parsed = settingsSchema.safeParse(kept?.settings);
  return kept !== null && parsed.success ? { settings: parsed.data, under: kept.under } : undefined;
}

/** Lay a desired configuration over the file. Pure; what no longer fits the file is left out and named. */
export function layDesired(file: AgentConfig, layer: DesiredLayer | undefined): Layered {
  if (layer === undefined) return { config: file, overridden: [] };
  const { settings, under } = layer;
  const overridden: string[] = [];
  const stands = (path: string, value: unknown) => {
    const same = under[path] === hashOf(value);
    if (!same) overridden.push(path);
    return same;
  };
  const { logLevel, detector, cameras = [] } = settings;
  const patches = new Map(cameras.map((patch) => [patch.id, patch]));
  const merged = file.cameras.map((camera) => {
    const patch = patches.get(camera.id);
    if (patch === undefined) return camera;
    const kept = fieldsOf(patch).filter(([field]) =>
      stands(`cameras.${camera.id}.${field}`, fieldOf(camera, field)),
    );
    return withFields(camera, Object.fromEntries(kept)) ?? camera;
  });
  const added = cameras
    .filter(({ id }) => fileCamera(file, id) === undefined && stands(`cameras.${id}`, null))
    .map((patch) => withFields(undefined, patch))
    .filter((camera) => camera !== undefined);
  const threshold = detector?.threshold;
  const config = {
    ...file,
    cameras: [...merged, ...added].slice(0, MAX_CAMERAS),
    ...(logLevel !== undefined && stands('logLevel', file.logLevel) && { logLevel }),
    ...(threshold !== undefined &&
      stands('detector.threshold', file.detector.threshold) && { detector: { ...file.detector, threshold } }),
  };
  return { config: { ...config, version: versionOf(file, config) }, overridden };
}

/** First 12 hex digits of the SHA-256 of any plain value. */
export function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value ?? null))
    .digest('hex')
    .slice(0, 12);
}

function versionOf(file: AgentConfig, config: AgentConfig): string {
  const open = ({ cameras, logLevel, detector }: AgentConfig) => [
    cameras.map((camera) => ({ ...camera, credentials: undefined })),
    logLevel,
    detector,
  ];
  const same = hashOf(open(config)) === hashOf(open(file));
  return same ? file.version : hashOf([file.version, open(config)]);
}

function underneath(file: AgentConfig, settings: DesiredSettings): Underneath {
  const under: Record<string, string> = {};
  if (settings.logLevel !== undefined) under['logLevel'] = hashOf(file.logLevel);
  if (settings.detector?.threshold !== undefined)
    under['detector.threshold'] = hashOf(file.detector.threshold);
  for (const patch of settings.cameras ?? []) {
    const camera = fileCamera(file, patch.id);
    if (camera === undefined) under[`cameras.${patch.id}`] = hashOf(null);
    else
      for (const [field] of fieldsOf(patch))
        under[`cameras.${patch.id}.${field}`] = hashOf(fieldOf(camera, field));
  }
  return under;
}

type Patch = NonNullable<DesiredSettings['cameras']>[number];

/** Logins stay where the file put them: a collector must not be able to send one elsewhere, or to read any file. */
function forbidden(file: AgentConfig, patch: Patch): ConfigProblem[] {
  const problem = (field: string, message: string) => ({ path: `cameras.${patch.id}.${field}`, message });
  const { url } = patch;
  const problems: ConfigProblem[] = [];
  for (const field of ['credentialsFile', 'credentials'].filter((name) => name in patch))
    problems.push(problem(field, 'is set in the file on the gateway only'));
  if (typeof url !== 'string') return problems;
  const camera = fileCamera(file, patch.id);
  if (!/^rtsps?:\/\//.test(url)) problems.push(problem('url', 'must be an rtsp:// or rtsps:// address'));
  else if (camera?.credentials !== undefined && hostOf(url) !== hostOf(camera.url))
    problems.push(
      problem(
        'url',
        'names another host, which would get the login of this camera; change the file on the gateway',
      ),
    );
  return problems;
}

function wrongFields(file: AgentConfig, patch: Patch): ConfigProblem[] {
  const camera = fileCamera(file, patch.id);
  const parsed = cameraSchema.safeParse({ ...(camera && plain(camera)), ...patch });
  return parsed.success ? [] : parsed.error.issues.map((issue) => problemOf(`cameras.${patch.id}`, issue));
}

function twice(cameras: readonly Patch[], index: number): ConfigProblem[] {
  const id = cameras[index]?.id;
  if (cameras.findIndex((camera) => camera.id === id) === index) return [];
  return [{ path: `cameras.${id}`, message: 'is there twice; every id must be unique' }];
}

function withFields(
  camera: CameraConfig | undefined,
  fields: Record<string, unknown>,
): CameraConfig | undefined {
  const parsed = cameraSchema.safeParse({ ...(camera && plain(camera)), ...fields });
  return parsed.success ? { ...parsed.data, credentials: camera?.credentials } : undefined;
}

function plain(camera: CameraConfig): Record<string, unknown> {
  return Object.fromEntries(Object.entries(camera).filter(([field]) => field !== 'credentials'));
}

function fieldsOf(patch: Patch): [string, unknown][] {
  return Object.entries(patch).filter(([field]) => field !== 'id');
}

function fieldOf(camera: CameraConfig, field: string): unknown {
  return Object.entries(camera).find(([key]) => key === field)?.[1];
}

function fileCamera(file: AgentConfig, id: string): CameraConfig | undefined {
  return file.cameras.find((camera) => camera.id === id);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

function problemOf(prefix: string, { path, message }: z.core.$ZodIssue): ConfigProblem {
  const name = [...(prefix === '' ? [] : [prefix]), ...path.map(String)].join('.');
  return { path: (name === '' ? '(whole)' : name).slice(0, 200), message: message.slice(0, 500) };
}
