import { isDeepStrictEqual } from 'node:util';
import type { CameraPreset, PresetBody } from '../schema/presets.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import { CAMERA_LIBRARY } from './camera-library.js';
import { hasIds, type Settings } from './settings.js';

/** A preset by name. */
export type Presets = ReadonlyMap<string, CameraPreset>;

/** A name or an address, with a port where need be. */
const HOST = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/;

/** The library and what people have added. */
export async function cameraPresets(db: Queryable): Promise<Presets> {
  const rows = await db.selectFrom('camera_preset').select(['name', 'body']).orderBy('name').execute();
  const added = rows.map(({ name, body }) => ({ name, ...(JSON.parse(body) as PresetBody) }));
  return new Map([...CAMERA_LIBRARY, ...added].map((preset) => [preset.name, preset]));
}

/** Whether a preset is part of the program. */
export function isBuiltIn(name: string): boolean {
  return CAMERA_LIBRARY.some((preset) => preset.name === name);
}

/**
 * Add a preset or change it. Gateways that use it go on as they are until their configuration is sent again.
 * @throws ProblemError for a name of the library
 */
export async function putPreset(
  db: Queryable,
  { name, ...rest }: CameraPreset,
  { author, at }: { author: string; at: number },
): Promise<void> {
  if (isBuiltIn(name))
    throw new ProblemError(409, `"${name}" is a preset of the program; choose another name`);
  const body = JSON.stringify(rest);
  await db
    .insertInto('camera_preset')
    .values({ name, body, author, at })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ body, author, at }))
    .execute();
}

/**
 * Take a preset away.
 * @param users gateways whose configuration names it
 * @throws ProblemError while there are some, or when there is no such preset
 */
export async function removePreset(db: Queryable, name: string, users: readonly string[]): Promise<void> {
  if (isBuiltIn(name)) throw new ProblemError(409, `"${name}" is a preset of the program and stays`);
  if (users.length > 0)
    throw new ProblemError(
      409,
      `preset "${name}" is used by ${users.join(', ')}; change their configuration first`,
    );
  const { numDeletedRows } = await db.deleteFrom('camera_preset').where('name', '=', name).executeTakeFirst();
  if (numDeletedRows === 0n) throw new ProblemError(404, `there is no preset "${name}"`);
}

/** Names of the presets that settings use. */
export function presetsIn(settings: Settings): string[] {
  return presetUsers(settings).map(({ preset }) => String(preset));
}

/**
 * Settings as the gateway gets them: each camera that names a preset has its fields, with its own over them, and the address
 * made from its `host`.
 * @throws ProblemError that names the camera and what is wrong
 */
export function expandPresets(settings: Settings, presets: Presets): Settings {
  if (presetUsers(settings).length === 0) return settings;
  const cameras = settings['cameras'] as (Settings & { id: string })[];
  return { ...settings, cameras: cameras.map((camera) => expandCamera(camera, presets)) };
}

/** Whether settings that name presets would be sent otherwise today. */
export function isBehind(stored: { settings: Settings; sent: Settings }, presets: Presets): boolean {
  return !isDeepStrictEqual(expandPresets(stored.settings, presets), stored.sent);
}

function presetUsers({ cameras }: Settings): Settings[] {
  return hasIds(cameras) ? cameras.filter((camera) => 'preset' in camera) : [];
}

function expandCamera(camera: Settings & { id: string }, presets: Presets): Settings {
  if (!('preset' in camera)) return camera;
  const { preset: name, host, ...own } = camera;
  const path = `cameras.${camera.id}`;
  const preset = typeof name === 'string' ? presets.get(name) : undefined;
  if (preset === undefined)
    throw new ProblemError(
      400,
      `${path}.preset: there is no preset "${String(name)}"; see GET /api/v1/camera-presets`,
    );
  if (host === undefined) return { ...preset.camera, ...own };
  if (typeof host !== 'string' || !HOST.test(host))
    throw new ProblemError(400, `${path}.host: must be a host name or an address, such as 192.168.1.20`);
  if (preset.url === undefined)
    throw new ProblemError(400, `${path}.host: preset "${preset.name}" has no address; write "url" instead`);
  return { ...preset.camera, url: preset.url.replace('{host}', host), ...own };
}
