import type { Readable } from 'node:stream';
import { createBundle } from './bundle.js';
import { offlineParts, runningParts, type RunningAgent } from './parts.js';
import { scrubber } from './secrets.js';

/** What the diagnostics of a running agent are made from. */
export interface DiagnosticsOptions extends Omit<RunningAgent, 'config'> {
  /** The configuration in use. */
  readonly config: () => RunningAgent['config'];
  readonly version: string;
  /** UTC ms. */
  readonly now: () => number;
}

/** A diagnostics file under way. */
export interface Bundle {
  /** Without ending: gateway and UTC time. */
  readonly name: string;
  /** tar.gz, at most 5 MB. */
  readonly body: Readable;
}

/** Makes the file that a technician or the collector sends to support: no secrets, no pictures, no counts. */
export class Diagnostics {
  private readonly options: DiagnosticsOptions;

  constructor(options: DiagnosticsOptions) {
    this.options = options;
  }

  bundle(): Bundle {
    const { version, now } = this.options;
    const agent = { ...this.options, config: this.options.config() };
    return bundleOf(agent.config, now(), [...offlineParts(agent.config, version), ...runningParts(agent)]);
  }
}

/** What can be told without a running agent. @param now UTC ms */
export function offlineBundle(config: RunningAgent['config'], version: string, now: number): Bundle {
  return bundleOf(config, now, offlineParts(config, version));
}

function bundleOf(
  config: RunningAgent['config'],
  now: number,
  parts: Parameters<typeof createBundle>[0],
): Bundle {
  const time = new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '');
  const name = `headcount-${config.gateway}-${time}Z`;
  return { name, body: createBundle(parts, { folder: name, now, scrub: scrubber(config) }) };
}
