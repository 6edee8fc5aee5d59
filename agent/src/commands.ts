import { buffer } from 'node:stream/consumers';
import type { Cameras } from './cameras.js';
import type { ConfigChanges } from './config-changes.js';
import type { Diagnostics } from './diagnostics/diagnostics.js';
import type { LogLevel } from './log-level.js';
import type { CommandAnswer, CommandHandlers } from './uplink/commands.js';

/** What commands act on. */
export interface CommandTargets {
  readonly cameras: Cameras;
  readonly changes: ConfigChanges;
  readonly logLevel: LogLevel;
  readonly diagnostics: Diagnostics;
  /** Takes releases over the air; missing where no key of a publisher is configured. */
  readonly update?: CommandHandlers['update'] | undefined;
}

/** What the agent does when the collector asks. */
export function commandHandlers(targets: CommandTargets): CommandHandlers {
  const { cameras, changes, logLevel, diagnostics, update } = targets;
  return {
    snapshot: async ({ camera }) => {
      if (cameras.find(camera) === undefined) return noCamera(camera);
      // The one picture that a person asked for; its people are pixelated.
      const content = await cameras.find(camera)?.picture('counted');
      if (content === undefined) return failed('this camera has shown no picture yet');
      return { outcome: 'done', file: { contentType: 'image/jpeg', content } };
    },
    'restart-camera': async ({ camera }) =>
      (await changes.restartCamera(camera)) ? { outcome: 'done' } : noCamera(camera),
    'log-level': ({ level, forMs }) => {
      logLevel.hold(level, forMs);
      return { outcome: 'done', detail: `${level} for ${Math.round(forMs / 1000)} s` };
    },
    diagnostics: async () => {
      const content = await buffer(diagnostics.bundle().body);
      return { outcome: 'done', file: { contentType: 'application/gzip', content } };
    },
    update:
      update ??
      (() => ({ outcome: 'unsupported', detail: 'the configuration of this gateway names no "update"' })),
  };
}

function noCamera(id: string): CommandAnswer {
  return failed(`there is no camera ${id}`);
}

function failed(detail: string): CommandAnswer {
  return { outcome: 'failed', detail };
}
