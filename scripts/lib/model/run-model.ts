import type { Box } from '@headcount/shared';
import { ModelSession } from '../../../agent/src/detector/model-session.js';
import type { ModelFrame } from './clip-frames.js';

/** A model in this thread, run as the agent's worker runs it, on one CPU thread. */
export class RunningModel {
  readonly session: ModelSession;

  private constructor(session: ModelSession) {
    this.session = session;
  }

  /** @throws Error when onnxruntime or the agent cannot use the model */
  static async open(model: Uint8Array, metadata: ReadonlyMap<string, string>): Promise<RunningModel> {
    return new RunningModel(await ModelSession.open({ model, metadata, threads: 1, family: 'auto' }));
  }

  /** People at or above a score (0 to 1), in pixels of the clip. */
  async detect({ packed, area }: ModelFrame, threshold: number): Promise<Box[]> {
    const { width, height } = this.session.known.input;
    const [scaleX, scaleY] = [area.w / width, area.h / height];
    return (await this.session.people(packed, threshold)).map(({ box }) => ({
      x: area.x + box.x * scaleX,
      y: area.y + box.y * scaleY,
      w: box.w * scaleX,
      h: box.h * scaleY,
    }));
  }

  async close(): Promise<void> {
    await this.session.close();
  }
}
