import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { fileSchema } from './config.js';

/** Names of all fields, at any depth. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema && typeof schema.properties === 'object' ? schema.properties : {};
  return [...Object.keys(own ?? {}), ...Object.values(schema).flatMap(fieldsOf)];
}

/** Names of points and directions, which stand in the text of their parents. */
const WITHIN = ['in', 'out'];

it.each(['install.md', 'install.vi.md'])('%s names every field of the configuration', (guide) => {
  const text = readFileSync(fileURLToPath(new URL(`../../../docs/${guide}`, import.meta.url)), 'utf8');
  const named = new Set([...text.matchAll(/`[^`\n]+`/g)].flatMap(([code]) => code.match(/\w+/g) ?? []));
  const fields = fieldsOf(z.toJSONSchema(fileSchema, { io: 'input', unrepresentable: 'any' }));
  expect(fields.length).toBeGreaterThan(40);
  expect(fields.filter((field) => !named.has(field) && !WITHIN.includes(field))).toEqual([]);
});
