import { z } from 'zod';

/** How an update stands, as it is kept on disk. */
export const updateStateSchema = z.object({
  phase: z.enum(['staged', 'installing', 'probation', 'rolling-back', 'kept', 'rolled-back', 'failed']),
  /** The version that is being installed, and the one to go back to. */
  to: z.string(),
  from: z.string(),
  /** `createdAt` of the release, UTC ms: an older one is not taken afterwards. */
  createdAt: z.int(),
  /** Hash of the request, so that none is tried twice. */
  key: z.string(),
  /** When the installation began, UTC ms; a proof of health from before it proves nothing. */
  since: z.int(),
  /** When the new version must have proved itself, UTC ms; 0 before the probation. */
  until: z.int(),
  /** Why it was taken back or failed; empty otherwise. */
  reason: z.string(),
});

/** See {@link updateStateSchema}. */
export type UpdateState = z.infer<typeof updateStateSchema>;

/** What can happen to an update. `now` is UTC ms: a probation goes on over a restart of the machine. */
export type UpdateEvent =
  | { readonly kind: 'install'; readonly now: number }
  | { readonly kind: 'installed'; readonly now: number; readonly probationMs: number }
  | { readonly kind: 'install-failed'; readonly reason: string }
  | { readonly kind: 'healthy' }
  | { readonly kind: 'tick'; readonly now: number }
  | { readonly kind: 'went-back' }
  | { readonly kind: 'back-failed'; readonly reason: string };

/** Nothing happens in these phases any more. */
export function isOver({ phase }: UpdateState): boolean {
  return phase === 'kept' || phase === 'rolled-back' || phase === 'failed';
}

/**
 * The update's state machine: staged -> installing -> probation -> kept, or rolling-back -> rolled-back. A package that
 * cannot be installed, or does not count in time, makes way for the one before. Pure; an event that means nothing in a
 * phase changes nothing.
 */
export function nextState(state: UpdateState, event: UpdateEvent): UpdateState {
  const { phase, to, until } = state;
  switch (event.kind) {
    case 'install':
      return phase === 'staged' ? { ...state, phase: 'installing', since: event.now } : state;
    case 'installed':
      return phase === 'installing'
        ? { ...state, phase: 'probation', until: event.now + event.probationMs }
        : state;
    case 'install-failed':
      return phase === 'installing' ? { ...state, phase: 'rolling-back', reason: event.reason } : state;
    case 'healthy':
      return phase === 'probation' ? { ...state, phase: 'kept' } : state;
    case 'tick':
      return phase === 'probation' && event.now >= until
        ? { ...state, phase: 'rolling-back', reason: `version ${to} did not count in time` }
        : state;
    case 'went-back':
      return phase === 'rolling-back' ? { ...state, phase: 'rolled-back' } : state;
    case 'back-failed':
      return phase === 'rolling-back'
        ? { ...state, phase: 'failed', reason: `${state.reason}; going back failed too: ${event.reason}` }
        : state;
  }
}
