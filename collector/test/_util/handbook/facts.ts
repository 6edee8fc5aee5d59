import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMetrics } from '../../../../agent/src/status/metrics.js';
import { PAGES } from '../../../src/schema/console-pages.js';
import type { TestCollector } from '../collector.js';
import { CommandLines } from './command-lines.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** What exists in this product, asked from the product. */
export interface Facts {
  readonly commandLines: CommandLines;
  /** Names of time series, and of what Prometheus rules record. */
  readonly metrics: ReadonlySet<string>;
  /** Such as `GET /api/v1/cameras/{id}`. */
  readonly routes: readonly string[];
  readonly consolePages: ReadonlySet<string>;
  readonly handbookPages: ReadonlySet<string>;
  readonly units: ReadonlySet<string>;
  /** Files and folders below /etc and /var/lib that the programs and their packages name. */
  readonly paths: ReadonlySet<string>;
  /** Texts in quotes in the sources: names of files in data folders are joined from them. */
  readonly literals: ReadonlySet<string>;
}

/** Ask a running collector, the agent's own parts, the packages and the sources. */
export async function readFacts(collector: TestCollector, handbookPages: Iterable<string>): Promise<Facts> {
  const cookie = await collector.logIn();
  const api = (await (await collector.get('/api/v1/openapi.json', cookie)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const own = await (await collector.get('/metrics', cookie)).text();
  const sources = textsOf(['agent/src', 'collector/src', 'shared/src'], ['.ts', '.tsx']);
  const packages = textsOf(['systemd', 'deploy', 'scripts'], ['']);
  const install = readFileSync(join(ROOT, 'docs/install.md'), 'utf8');
  return {
    commandLines: new CommandLines(),
    metrics: new Set([...seriesIn(own), ...seriesIn(await agentMetrics()), ...recorded(packages)]),
    routes: [
      ...Object.entries(api.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      ),
      ...plainRoutes(sources),
    ],
    consolePages: new Set(Object.keys(PAGES)),
    handbookPages: new Set(handbookPages),
    units: new Set(readdirSync(join(ROOT, 'systemd'))),
    paths: new Set(
      [...`${sources}\n${packages}\n${install}`.matchAll(/\/(?:etc|var\/lib)\/headcount[\w./-]*/g)].map(
        ([path]) => path.replace(/[/.]+$/, ''),
      ),
    ),
    literals: new Set([...sources.matchAll(/'([^'\n]+)'/g)].map(([, text = '']) => text)),
  };
}

/** Time series that an answer of `/metrics` holds or would hold. */
export function seriesIn(text: string): string[] {
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
}

/** The agent's metrics while it has no camera. */
async function agentMetrics(): Promise<string> {
  const outbox = { waiting: 0, fileBytes: 0, healthy: true, held: 0, provisional: 0, quarantined: 0 };
  const status = {
    cameras: [],
    uplink: { state: 'online' },
    outbox: { ...outbox, merged: 0, thinned: 0, dropped: 0 },
    host: null,
  };
  type Source = Parameters<typeof createMetrics>[0];
  return createMetrics({ status: () => status } as unknown as Source).scrape();
}

function recorded(text: string): string[] {
  return [...text.matchAll(/^\s*- record: (\S+)$/gm)].map(([, name = '']) => name);
}

/** Routes that the API's document leaves out, and those of the agent's status page. */
function plainRoutes(sources: string): string[] {
  return [...sources.matchAll(/app\s*\.(get|post|put|patch|delete)(?:<[^(]*>)?\(\s*'(\/[^']*)'/g)].map(
    ([, method = '', path = '']) => `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`,
  );
}

function textsOf(folders: readonly string[], endings: readonly string[]): string {
  return folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((file) => file.isFile() && endings.some((ending) => file.name.endsWith(ending)))
        .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8')),
    )
    .join('\n');
}
