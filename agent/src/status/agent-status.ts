import type { CameraCause, CameraState, HostRecord, SceneCondition } from '@headcount/shared';
import type { StreamInfo } from '../camera/frame.js';
import type { Quality } from '../camera/quality.js';
import type { DecodePreset } from '../config/camera-config.js';
import type { Advice } from '../counter/advice.js';
import type { StreamAdvice } from '../decoder/stream-advice.js';
import type { UplinkCause } from '../uplink/cause.js';
import type { Verdict } from './verdicts.js';

/** A line as the technician sees it. */
export interface LineStatus {
  readonly id: string;
  readonly name: string;
  /** Fractions of the picture, as configured. */
  readonly from: readonly [number, number];
  readonly via: readonly (readonly [number, number])[];
  readonly to: readonly [number, number];
  /** What people call the two directions. */
  readonly directions: { readonly in: string; readonly out: string };
  /** Never-reset totals of this outbox file, crossings of the open interval included. */
  readonly totals: { readonly in: number; readonly out: number };
  /** Frames per second that the line needs; null when no rate is enough. */
  readonly neededFps: number | null;
  /** What should be drawn or set differently. */
  readonly advice: readonly Advice[];
}

/** A zone as the technician sees it. */
export interface ZoneStatus {
  readonly id: string;
  readonly name: string;
  /** Fractions of the picture, as configured. */
  readonly polygon: readonly (readonly [number, number])[];
  readonly capacity: number | null;
  /** People inside and people waiting there; null while the camera shows nothing. */
  readonly occupancy: number | null;
  readonly queue: number | null;
  /** More people than its capacity, as last told. */
  readonly over: boolean;
  /** Never-reset totals of this outbox file. */
  readonly totals: { readonly entries: number; readonly exits: number };
  /** What should be drawn or set differently. */
  readonly advice: readonly Advice[];
}

/** How well a camera's stream comes. */
export interface ConnectionStatus {
  /** Null for a camera that is switched off, and during its first minute. */
  readonly quality: Quality | null;
  /** What the stream says of itself, or last said; null until it has. */
  readonly stream: StreamInfo | null;
  /** What should be set differently at the camera. */
  readonly advice: readonly StreamAdvice[];
  readonly decoding: {
    readonly wanted: DecodePreset;
    readonly used: DecodePreset;
    /** The hardware was tried and failed. */
    readonly fellBack: boolean;
  };
  /** Decoders started since the agent started. */
  readonly decoderStarts: number;
}

/** A camera as the technician sees it. Times are UTC ms. */
export interface CameraStatus {
  readonly id: string;
  readonly name: string;
  /** Host name or IP address of the camera; null for a video file. */
  readonly address: string | null;
  readonly state: CameraState;
  readonly cause: CameraCause;
  /** The decoder's last words on failure, or what a look at the camera found; no credentials. */
  readonly detail: string;
  readonly since: number;
  /** When the next connection attempt comes at the latest once the camera answers; null unless backing off. */
  readonly retryAt: number | null;
  readonly fps: { readonly configured: number; readonly measured: number };
  readonly frames: { readonly processed: number; readonly skipped: number };
  readonly lastFrameAt: number | null;
  readonly inferenceMs: number | null;
  readonly inView: number;
  /** What is wrong with the picture, and whether the gateway still learns what it should look like. */
  readonly scene: {
    readonly active: readonly SceneCondition[];
    readonly profile: 'day' | 'night';
    readonly learning: boolean;
  };
  readonly connection: ConnectionStatus;
  readonly lines: readonly LineStatus[];
  readonly zones: readonly ZoneStatus[];
}

/** How the configuration stands. */
export interface ConfigStatus {
  /** Hash of the configuration in force, as on every count. */
  readonly version: string;
  /** A file that is wrong or a restart that is needed, in words for a person; null while nothing is. */
  readonly problem: string | null;
}

/** The answer of `GET /status`. Times are UTC ms. */
export interface AgentStatus {
  readonly gateway: string;
  readonly version: string;
  readonly now: number;
  readonly startedAt: number;
  readonly modelHash: string;
  readonly config: ConfigStatus;
  readonly uplink: {
    readonly state: 'connecting' | 'online' | 'offline' | 'stopped';
    readonly since: number;
    readonly lastReceiptAt: number | null;
    /** Why the last attempt failed, in words for a person; null when online. */
    readonly problem: string | null;
    /** What the next action depends on; null when online. */
    readonly cause: UplinkCause | null;
  };
  readonly outbox: {
    readonly waiting: number;
    readonly oldestAt: number | null;
    readonly fileBytes: number;
    /** False while the disk refuses writes: counts wait in memory. */
    readonly healthy: boolean;
    /** Records in memory because of that, and records on the disk that wait for the clock to be set. */
    readonly held: number;
    readonly provisional: number;
    /** Records that were merged into longer intervals, left out, and given up, since the outbox was made. */
    readonly merged: number;
    readonly thinned: number;
    readonly dropped: number;
    /** Damaged outbox files that are kept. */
    readonly quarantined: number;
  };
  /** Whether the system's clock follows a time server, and by how many ms it is off; null where nobody knows. */
  readonly clock: { readonly synchronised: boolean | null; readonly offsetMs: number | null };
  readonly host: HostRecord | null;
  readonly cameras: readonly CameraStatus[];
}

/** The answer of `GET /status`: the state with what it means. */
export interface StatusAnswer extends AgentStatus {
  readonly verdicts: readonly Verdict[];
}

/** `counted`: with boxes, track ids, lines and counts. `plain`: only people pixelated, to draw lines on. */
export type PictureKind = 'counted' | 'plain';

/** What the status server asks the agent for. */
export interface StatusSource {
  status(): AgentStatus;
  /** A JPEG of the camera's newest frame, its people pixelated; undefined before the first frame. */
  picture(camera: string, kind: PictureKind): Promise<Buffer | undefined>;
  /** True while every stage moves; `/healthz` answers 503 otherwise. */
  healthy(): boolean;
}
