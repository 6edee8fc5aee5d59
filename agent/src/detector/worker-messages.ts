import type { ModelInput } from '../camera/frame.js';
import type { Detection } from './detector.js';

/** What a worker thread is started with. */
export interface WorkerSetup {
  readonly model: string;
  readonly threads: number;
  readonly threshold: number;
  readonly input: ModelInput;
  /** Shared memory for one picture: RGB24, rows without gaps. */
  readonly pixels: SharedArrayBuffer;
}

/** "The picture is in the shared memory"; `scale` is picture pixels per input pixel. */
export interface WorkerRequest {
  readonly id: number;
  readonly scale: { readonly x: number; readonly y: number };
}

/** What the worker thread answers. */
export type WorkerAnswer =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'detections';
      readonly id: number;
      readonly detections: readonly Detection[];
      readonly inferenceMs: number;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
