import { ConfigError } from '@headcount/shared';
import type { Logger } from 'pino';
import type { Cameras } from './cameras.js';
import type { AgentConfig } from './config/config.js';
import type { Geometry } from './config/geometry.js';
import type { LogLevel } from './log-level.js';
import { hashOf } from './settings/desired-layer.js';
import { diffConfig, withoutRestart, type CameraChange } from './settings/diff.js';
import type { Settings } from './settings/settings.js';
import type { ConfigStatus } from './status/agent-status.js';
import type { GeometrySource } from './status/geometry-routes.js';

/** What the changes work on. */
export interface ConfigChangesOptions {
  readonly settings: Settings;
  readonly cameras: Pick<Cameras, 'add' | 'remove' | 'replace' | 'relabel' | 'find'>;
  readonly logLevel: LogLevel;
  /** Called after the configuration in force has changed. */
  readonly onChanged: () => void;
  readonly logger: Logger;
}

/**
 * Brings every change of configuration into force, one after the other, wherever it comes from: the cameras that it
 * names start anew, all others notice nothing.
 */
export class ConfigChanges implements GeometrySource {
  private readonly options: ConfigChangesOptions;
  private running: AgentConfig;
  private waiting: readonly string[] = [];
  private fileProblem: string | null = null;
  private tail = Promise.resolve();
  private stopped = false;

  constructor(options: ConfigChangesOptions) {
    this.options = options;
    this.running = options.settings.effective();
  }

  /** The configuration in force. */
  get config(): AgentConfig {
    return this.running;
  }

  /** Paths of fields that were changed and wait for a restart. */
  get restartNeeded(): readonly string[] {
    return this.waiting;
  }

  status(): ConfigStatus {
    const restart = this.waiting.length > 0 ? `restart the agent to change ${this.waiting.join(', ')}` : null;
    return { version: this.running.version, problem: this.fileProblem ?? restart };
  }

  geometry(id: string): Geometry | undefined {
    const camera = this.running.cameras.find((one) => one.id === id);
    return camera && { lines: camera.lines, zones: camera.zones };
  }

  setGeometry(id: string, geometry: Geometry): Promise<void> {
    return this.change(() => this.options.settings.draw(id, geometry));
  }

  /** Read the file again; one that is broken changes nothing and is told on the status page. */
  reload(load: () => AgentConfig): Promise<void> {
    const { settings, logger } = this.options;
    return this.change(() => {
      try {
        settings.setFile(load());
        this.fileProblem = null;
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        this.fileProblem = `the configuration before it stays in force: ${error.message}`;
        logger.error({ problems: error.problems }, 'the configuration file was changed and is wrong');
      }
    });
  }

  /** Change the settings, then bring into force what they say now. @throws Error what the edit throws */
  change(edit: () => void | Promise<void>): Promise<void> {
    const done = this.tail.then(async () => {
      if (this.stopped) throw new Error('the agent is stopping');
      await edit();
      await this.apply();
    });
    this.tail = done.catch(() => undefined);
    return done;
  }

  /** Connect one camera anew, with the configuration that it has. @returns false when there is no such camera */
  async restartCamera(id: string): Promise<boolean> {
    if (this.options.cameras.find(id) === undefined) return false;
    const done = this.tail.then(() => this.options.cameras.replace(this.running, id));
    this.tail = done.catch(() => undefined);
    await done;
    return true;
  }

  /** No change any more; waits for the one under way. */
  stop(): Promise<void> {
    this.stopped = true;
    return this.tail;
  }

  private async apply(): Promise<void> {
    const { settings, logLevel, onChanged, logger } = this.options;
    const next = settings.effective();
    const { cameras, restart, ...diff } = diffConfig(this.running, next);
    this.waiting = restart;
    const target = withoutRestart(this.running, next);
    // What waits for a restart is not in force, so the counts must not say that it is.
    const version = restart.length === 0 ? next.version : hashOf([next.version, 'without', restart]);
    if (version === this.running.version && cameras.length === 0 && !diff.logLevel) return;
    this.running = { ...target, version };
    if (diff.logLevel) logLevel.configure(next.logLevel);
    for (const change of cameras) await this.applyTo(change);
    logger.info({ configVersion: version, cameras, restart }, 'the configuration changed');
    onChanged();
  }

  private async applyTo({ id, kind }: CameraChange): Promise<void> {
    const { cameras, logger } = this.options;
    try {
      switch (kind) {
        case 'add':
          cameras.add(this.running, id);
          return;
        case 'remove':
          await cameras.remove(id);
          return;
        case 'replace':
          await cameras.replace(this.running, id);
          return;
        case 'relabel':
          cameras.relabel(this.running, id);
      }
    } catch (error) {
      logger.error({ err: error, camera: id, kind }, 'a camera could not be changed');
    }
  }
}
