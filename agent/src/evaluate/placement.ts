import type { z } from 'zod';
import { lineSchema, zoneSchema, type LineConfig, type ZoneConfig } from '../config/camera-config.js';
import { placeOf, TruthError, type TruthFile } from './truth.js';

/** A line or a zone of the truth under its name there, as the pipeline's configuration has it. */
export interface Placed<T> {
  readonly name: string;
  readonly config: T;
}

/** What is counted, in fractions of the picture. */
export interface Placement {
  readonly lines: readonly Placed<LineConfig>[];
  readonly zones: readonly Placed<ZoneConfig>[];
}

type Pixel = readonly [number, number];

/**
 * Turn the truth's lines and zones, which are in pixels, into the pipeline's configuration.
 * @param size of the clip in pixels
 * @throws TruthError naming every line and zone that does not fit the clip
 */
export function placeTruth(truth: TruthFile, size: { width: number; height: number }): Placement {
  const problems: string[] = [];
  const scale = ([x, y]: Pixel) => [x / size.width, y / size.height];
  const check = <S extends z.ZodType>(schema: S, value: unknown, place: string[]) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return [parsed.data];
    problems.push(
      ...new Set(parsed.error.issues.map((issue) => describe(issue, [...place, ...issue.path], size))),
    );
    return [];
  };
  const lines = Object.entries(truth.lines).flatMap(([name, { from, via, to, anchor }], index) => {
    const value = {
      id: `line-${index}`,
      name,
      from: scale(from),
      via: via.map(scale),
      to: scale(to),
      anchor,
    };
    return check(lineSchema, value, ['lines', name]).map((config) => ({ name, config }));
  });
  const zones = Object.entries(truth.zones).flatMap(([name, { polygon, anchor, capacity }], index) => {
    const value = { id: `zone-${index}`, name, polygon: polygon.map(scale), anchor, capacity };
    return check(zoneSchema, value, ['zones', name]).map((config) => ({ name, config }));
  });
  if (problems.length > 0) throw new TruthError(truth.file, problems);
  return { lines, zones };
}

/** The limits of a point are the picture's; in the truth they are pixels. */
function describe(
  { code, message }: z.core.$ZodIssue,
  path: readonly PropertyKey[],
  { width, height }: { width: number; height: number },
): string {
  const outside = (code === 'too_small' || code === 'too_big') && typeof path.at(-1) === 'number';
  return outside
    ? `${placeOf(path.slice(0, -1))}: lies outside the clip, which is ${width} x ${height} pixels`
    : `${placeOf(path)}: ${message}`;
}
