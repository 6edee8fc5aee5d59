/**
 * How far an update is. `installing`: the package manager works. `probation`: the new version runs and has to prove
 * itself. `returning`: the old version is being installed again. The last three are final.
 */
export const PHASES = ['installing', 'probation', 'returning', 'kept', 'rolled-back', 'failed'] as const;

/** One of {@link PHASES}. */
export type Phase = (typeof PHASES)[number];

/** What can happen to an update. */
export type UpdateEvent = 'installed' | 'not-installed' | 'proved' | 'time-over';

const NEXT: Readonly<Record<Phase, Partial<Record<UpdateEvent, Phase>>>> = {
  // A package manager that was interrupted may have left half of either: the old version is installed again.
  installing: { installed: 'probation', 'not-installed': 'returning' },
  probation: { proved: 'kept', 'time-over': 'returning' },
  returning: { installed: 'rolled-back', 'not-installed': 'failed' },
  kept: {},
  'rolled-back': {},
  failed: {},
};

/** The next phase. @throws RangeError when the event cannot happen in the phase */
export function nextPhase(phase: Phase, event: UpdateEvent): Phase {
  const next = NEXT[phase][event];
  if (next === undefined) throw new RangeError(`an update that is ${phase} cannot be ${event}`);
  return next;
}

/** True when nothing more happens to the update. */
export function isOver(phase: Phase): boolean {
  return Object.keys(NEXT[phase]).length === 0;
}
