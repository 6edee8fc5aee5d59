import type { CameraCause, CameraState, HostRecord } from '@headcount/shared';

/** A line as the technician sees it. */
export interface LineStatus {
  readonly id: string;
  readonly name: string;
  /** Fractions of the picture, as configured. */
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** Never-reset totals of this outbox file, crossings of the open interval included. */
  readonly totals: { readonly in: number; readonly out: number };
}

/** A camera as the technician sees it. Times are UTC ms. */
export interface CameraStatus {
  readonly id: string;
  readonly name: string;
  readonly state: CameraState;
  readonly cause: CameraCause;
  /** The decoder's last words on failure; no credentials. */
  readonly detail: string;
  readonly since: number;
  /** When the next connection attempt comes; null unless backing off. */
  readonly retryAt: number | null;
  readonly fps: { readonly configured: number; readonly measured: number };
  readonly frames: { readonly processed: number; readonly skipped: number };
  readonly lastFrameAt: number | null;
  readonly inferenceMs: number | null;
  readonly inView: number;
  readonly lines: readonly LineStatus[];
}

/** The answer of `GET /status`. Times are UTC ms. */
export interface AgentStatus {
  readonly gateway: string;
  readonly version: string;
  readonly now: number;
  readonly startedAt: number;
  readonly modelHash: string;
  readonly uplink: {
    readonly state: 'connecting' | 'online' | 'offline' | 'stopped';
    readonly since: number;
    readonly lastReceiptAt: number | null;
    /** Why the last attempt failed, in words for a person; null when online. */
    readonly problem: string | null;
  };
  readonly outbox: { readonly waiting: number; readonly oldestAt: number | null; readonly fileBytes: number };
  readonly host: HostRecord | null;
  readonly cameras: readonly CameraStatus[];
}

/** What the status server asks the agent for. */
export interface StatusSource {
  status(): AgentStatus;
  /** A JPEG of the camera's newest frame with boxes, track ids, lines and counts; undefined before the first frame. */
  picture(camera: string): Promise<Buffer | undefined>;
  /** True while every stage moves; `/healthz` answers 503 otherwise. */
  healthy(): boolean;
}
