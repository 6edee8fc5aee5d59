import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PAGE = fileURLToPath(new URL('../dist/web', import.meta.url));
/** A technician may have one bar of signal, and the gateway a slow line. */
const MOST_BYTES = 150_000;

it('the whole status page is smaller than 150 KB, uncompressed', () => {
  const entries = readdirSync(PAGE, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const files = entries.map(({ parentPath, name }) => [name, statSync(join(parentPath, name)).size] as const);
  expect(files.map(([name]) => name)).toContain('index.html');
  expect(
    files.reduce((sum, [, bytes]) => sum + bytes, 0),
    JSON.stringify(files),
  ).toBeLessThan(MOST_BYTES);
});
