import { isDeepStrictEqual } from 'node:util';
import type { AgentConfig, CameraConfig } from '../config/config.js';

/** What a changed field asks for: nothing is interrupted, one camera starts anew, or the whole agent has to. */
export type Effect = 'live' | 'camera' | 'restart';

/** What must happen to one camera; the others notice nothing. */
export interface CameraChange {
  readonly id: string;
  readonly kind: 'add' | 'remove' | 'replace' | 'relabel';
  /** Names of the fields that differ; empty for a camera that comes or goes. */
  readonly fields: readonly string[];
}

/** What must happen so that one configuration follows another. */
export interface ConfigDiff {
  readonly cameras: readonly CameraChange[];
  readonly logLevel: boolean;
  /** Paths of fields that only a restart of the agent can change. */
  readonly restart: readonly string[];
}

/** Top-level fields that are told one by one below, or follow from the others. */
const OWN_RULES: ReadonlySet<string> = new Set(['cameras', 'logLevel', 'version']);
/** Fields whose own fields are named in the path of a restart. */
const NAMED_BY_PART: ReadonlySet<string> = new Set(['detector', 'status', 'collector']);

/** Compare two configurations field by field. Pure. */
export function diffConfig(old: AgentConfig, next: AgentConfig): ConfigDiff {
  return {
    cameras: diffCameras(old.cameras, next.cameras),
    logLevel: old.logLevel !== next.logLevel,
    restart: changedFields(old, next)
      .filter((field) => !OWN_RULES.has(field))
      .flatMap((field) => partsOf(field, old, next)),
  };
}

/** The new configuration as far as it can be in force without a restart. */
export function withoutRestart(running: AgentConfig, next: AgentConfig): AgentConfig {
  const { cameras, logLevel, version } = next;
  return { ...running, cameras, logLevel, version };
}

/** What a changed field of a camera asks for: names are only words, all else decides what is counted. */
function effectOf(field: string, old: CameraConfig, next: CameraConfig): Effect {
  if (field === 'name') return 'live';
  if (field === 'lines' || field === 'zones') {
    return isDeepStrictEqual(unlabelled(old[field]), unlabelled(next[field])) ? 'live' : 'camera';
  }
  return 'camera';
}

function diffCameras(old: readonly CameraConfig[], next: readonly CameraConfig[]): CameraChange[] {
  const before = new Map(old.map((camera) => [camera.id, camera]));
  const after = new Set(next.map(({ id }) => id));
  const changes = next.map((camera): CameraChange | undefined => {
    const { id } = camera;
    const same = before.get(id);
    if (same === undefined) return { id, kind: 'add', fields: [] };
    const fields = changedFields(same, camera);
    if (fields.length === 0) return undefined;
    const live = fields.every((field) => effectOf(field, same, camera) === 'live');
    return { id, kind: live ? 'relabel' : 'replace', fields };
  });
  const gone = old.filter(({ id }) => !after.has(id)).map(({ id }) => id);
  return [
    ...gone.map((id): CameraChange => ({ id, kind: 'remove', fields: [] })),
    ...changes.filter((change) => change !== undefined),
  ];
}

/** Lines or zones without the words that people call them by. */
function unlabelled(shapes: readonly Record<string, unknown>[]): unknown[] {
  return shapes.map((shape) => ({ ...shape, name: '', directions: {}, entrance: false }));
}

function changedFields(old: object, next: object): string[] {
  const before = new Map<string, unknown>(Object.entries(old));
  const after = new Map<string, unknown>(Object.entries(next));
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (field) => !isDeepStrictEqual(before.get(field), after.get(field)),
  );
}

function partsOf(field: string, old: AgentConfig, next: AgentConfig): string[] {
  if (!NAMED_BY_PART.has(field)) return [field];
  const [before, after] = [old, next].map(
    (config) => Object.entries(config).find(([key]) => key === field)?.[1],
  );
  return changedFields(Object(before) as object, Object(after) as object).map((part) => `${field}.${part}`);
}
