import type { CurrentRule } from './rules.js';

/** Stands for a rule that fires at the same place or above; the rest is its slug and its place. */
export const INHIBITION = 'inhibition';

/** A rule that holds others back, at a place. */
export interface Firing {
  readonly rule: string;
  readonly path: string;
}

/** Says which rules that fire now explain an alert. Explanations go on: what explains the gateway explains its cameras. */
export class Inhibition {
  private readonly explainedBy: ReadonlyMap<string, readonly string[]>;
  private readonly places = new Map<string, Set<string>>();

  /** @param firing alerts that fire or have not been quiet for long enough */
  constructor(rules: readonly CurrentRule[], firing: readonly Firing[]) {
    const direct = new Map(rules.map(({ slug, inhibitedBy }) => [slug, inhibitedBy]));
    this.explainedBy = new Map(rules.map(({ slug }) => [slug, closure(slug, direct)]));
    for (const { rule, path } of firing) {
      const places = this.places.get(rule) ?? new Set();
      this.places.set(rule, places.add(path));
    }
  }

  /** Reasons such as `inhibition:gateway-offline:shop/lobby`; the nearest first. */
  reasons({ rule, path }: Firing): string[] {
    return (this.explainedBy.get(rule) ?? []).flatMap((slug) => {
      const place = this.placeAbove(slug, path);
      return place === undefined ? [] : [`${INHIBITION}:${slug}:${place}`];
    });
  }

  private placeAbove(slug: string, path: string): string | undefined {
    const places = this.places.get(slug);
    if (places === undefined) return undefined;
    const parts = path.split('/');
    for (let length = parts.length; length > 0; length--) {
      const above = parts.slice(0, length).join('/');
      if (places.has(above)) return above;
    }
    // Everything comes through the collector.
    return [...places].find((place) => place.startsWith('@collector'));
  }
}

function closure(slug: string, direct: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>();
  const next = [...(direct.get(slug) ?? [])];
  for (let one = next.shift(); one !== undefined; one = next.shift()) {
    if (found.has(one) || one === slug) continue;
    found.add(one);
    next.push(...(direct.get(one) ?? []));
  }
  return [...found];
}
