import type { ConfigProblem } from '@headcount/shared';
import type { AgentConfig } from '../config/config.js';
import { DrawnGeometry, type Geometry } from '../config/geometry.js';
import { checkDesired, layDesired, type DesiredLayer } from './desired-layer.js';

/**
 * The three places in which a gateway is configured, laid over one another: the file, what the collector wants, and
 * what was drawn on the status page. A layer counts, field by field, only while what it was laid over is unchanged, so
 * the last change wins wherever it was made; docs/adr/0013 says why.
 */
export class Settings {
  private file: AgentConfig;
  private desired: DesiredLayer | undefined;
  private readonly drawn: DrawnGeometry;

  /** @throws Error naming the file of drawings when it is damaged */
  constructor(options: { file: AgentConfig; desired: DesiredLayer | undefined }) {
    this.file = options.file;
    this.desired = options.desired;
    this.drawn = new DrawnGeometry(options.file.dataDir);
  }

  /** The configuration that should be in force. */
  effective(): AgentConfig {
    return this.preview(this.desired);
  }

  /** The configuration that would be in force with another desired one. */
  preview(layer: DesiredLayer | undefined): AgentConfig {
    return this.drawn.over(layDesired(this.file, layer).config);
  }

  /** Paths of desired fields that do not count because somebody changed them on the gateway later. */
  overridden(): string[] {
    const { config, overridden } = layDesired(this.file, this.desired);
    const effective = this.drawn.over(config);
    const redrawn = (this.desired?.settings.cameras ?? []).flatMap((patch) => {
      const [below, above] = [config, effective].map((one) => one.cameras.find(({ id }) => id === patch.id));
      return (['lines', 'zones'] as const)
        .filter((field) => field in patch && below?.[field] !== above?.[field])
        .map((field) => `cameras.${patch.id}.${field}`);
    });
    return [...overridden, ...redrawn];
  }

  /** The file was read again. */
  setFile(file: AgentConfig): void {
    this.file = file;
  }

  /** What is wrong with a desired configuration, or the layer that it makes over today's file. */
  check(wanted: unknown): { readonly layer: DesiredLayer } | { readonly problems: readonly ConfigProblem[] } {
    return checkDesired(this.file, wanted);
  }

  setDesired(layer: DesiredLayer | undefined): void {
    this.desired = layer;
  }

  /** Keep what was drawn on a camera. @throws Error when it cannot be written; the old drawing stays then */
  async draw(camera: string, geometry: Geometry): Promise<void> {
    await this.drawn.save(layDesired(this.file, this.desired).config, camera, geometry);
  }
}
