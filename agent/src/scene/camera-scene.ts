import type { SceneCondition } from '@headcount/shared';
import type { Logger } from 'pino';
import type { Frame } from '../camera/frame.js';
import type { CameraConfig } from '../config/config.js';
import { SceneFile } from './scene-file.js';
import { NO_MEMORY, SceneWatch } from './scene-watch.js';

/** A change of what is wrong with a camera's picture. */
export interface SceneChange {
  readonly active: readonly SceneCondition[];
  /** True when a person took the picture as it is for the new reference. */
  readonly accepted: boolean;
}

/** What a camera's scene needs. */
export interface CameraSceneOptions {
  readonly dataDir: string;
  readonly camera: CameraConfig;
  readonly onChange: (change: SceneChange) => void;
  readonly logger: Logger;
}

/** The picture of one camera, compared with how it looked when the camera was set up; remembered over restarts. */
export class CameraScene {
  private readonly options: CameraSceneOptions;
  private readonly file: SceneFile;
  private readonly watch: SceneWatch;
  private told: readonly SceneCondition[] = [];

  constructor(options: CameraSceneOptions) {
    this.options = options;
    this.file = new SceneFile(options);
    this.watch = new SceneWatch((memory) => {
      void this.file.write(memory);
      this.tell(memory.active);
    });
  }

  /** Recall the reference and what was wrong before the restart. */
  start(): void {
    const memory = this.file.read();
    if (memory === undefined) return;
    if (memory === 'drawn-anew') {
      void this.accept();
      return;
    }
    this.watch.recall(memory);
    this.told = memory.active;
    if (memory.active.length > 0) this.options.onChange({ active: memory.active, accepted: false });
  }

  see(frame: Pick<Frame, 'picture' | 'at'>): void {
    this.watch.see(frame);
  }

  /** The picture is right as it is: nothing is wrong with it, and the place is learnt anew. */
  async accept(): Promise<void> {
    this.watch.recall(NO_MEMORY);
    this.told = [];
    this.options.onChange({ active: [], accepted: true });
    await this.file.write(this.watch.memory);
  }

  /** For the status page. */
  status(): { active: SceneCondition[]; profile: 'day' | 'night'; learning: boolean } {
    const { active, profile, learning } = this.watch;
    return { active, profile, learning };
  }

  private tell(active: readonly SceneCondition[]): void {
    if (active.join() === this.told.join()) return;
    this.told = active;
    const { camera, logger, onChange } = this.options;
    logger.warn(
      { camera: camera.id, active },
      active.length > 0 ? 'something is wrong with the picture' : 'picture is fine again',
    );
    onChange({ active, accepted: false });
  }
}
