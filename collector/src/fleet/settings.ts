import { isDeepStrictEqual } from 'node:util';

/** Desired settings of a gateway: a patch over its own file, cameras by id. */
export type Settings = Record<string, unknown>;

/** One field that differs; `before` or `after` is undefined where it is not there. */
export interface Difference {
  /** Such as `cameras.door.fps`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Stands for every camera of a gateway in a patch. */
export const EVERY_CAMERA = '*';

/** The fields that differ, by path; cameras, lines and zones are told apart by their id, not by their place in the list. */
export function diffSettings(before: Settings, after: Settings): Difference[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((field) => !isDeepStrictEqual(field.before, field.after));
}

function fieldsOf(settings: Settings): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  const walk = (path: string, value: unknown) => {
    if (isRecord(value)) for (const [key, inner] of Object.entries(value)) walk(below(path, key), inner);
    else if (hasIds(value)) for (const item of value) walk(below(path, item.id), without(item, 'id'));
    else fields.set(path, value);
  };
  walk('', settings);
  return fields;
}

const below = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

/**
 * Settings with a patch laid over them, by RFC 7396: objects are merged, null takes a field away, anything else replaces.
 * Cameras are merged by id.
 * @param cameras ids that {@link EVERY_CAMERA} stands for
 */
export function patchSettings(settings: Settings, patch: Settings, cameras: readonly string[]): Settings {
  const { cameras: wanted, ...rest } = patch;
  const merged = merge(settings, rest);
  if (!hasIds(wanted)) return merged;
  const known = hasIds(settings['cameras']) ? settings['cameras'] : [];
  const result = new Map<string, Settings>(known.map((camera) => [camera.id, camera]));
  for (const { id, ...fields } of wanted) {
    for (const one of id === EVERY_CAMERA ? cameras : [id])
      result.set(one, merge(result.get(one) ?? { id: one }, fields));
  }
  return { ...merged, cameras: [...result.values()] };
}

function merge(target: Settings, patch: Settings): Settings {
  const result = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    const old = result.get(key);
    if (value === null) result.delete(key);
    else result.set(key, isRecord(value) ? merge(isRecord(old) ? old : {}, value) : value);
  }
  return Object.fromEntries(result);
}

function without(record: Settings, key: string): Settings {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

function isRecord(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a list of things with ids. */
export function hasIds(value: unknown): value is (Settings & { id: string })[] {
  return Array.isArray(value) && value.every((item) => isRecord(item) && typeof item['id'] === 'string');
}
