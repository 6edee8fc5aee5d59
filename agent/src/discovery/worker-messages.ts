/** A login that a technician typed; used for one question and never kept. */
export interface TypedLogin {
  readonly user: string;
  readonly password: string;
}

/** What the worker is asked to do. */
export type WorkerTask =
  | {
      readonly kind: 'find';
      /** How long to listen for answers (ms). */
      readonly listenMs: number;
    }
  | {
      readonly kind: 'streams';
      /** http:// or https:// address of the device's ONVIF service, without credentials. */
      readonly service: string;
      readonly login: TypedLogin | undefined;
      /** Longest wait for one answer (ms). */
      readonly answerMs: number;
    };

/** Why a device told nothing. */
export type DeviceProblem = 'unauthorized' | 'unreachable' | 'not-understood';

/** What the worker sends; `data` comes from a stranger and is checked by the receiver. */
export type WorkerMessage =
  | { readonly kind: 'device'; readonly from: string; readonly data: unknown }
  | { readonly kind: 'streams'; readonly data: unknown }
  | { readonly kind: 'failed'; readonly problem: DeviceProblem; readonly detail: string };
