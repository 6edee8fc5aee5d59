import { useMutation } from '@tanstack/react-query';

/** Tries a draft before it may be saved. */
export function useTrial<Draft, Result>(draft: Draft, run: (draft: Draft) => Promise<Result>) {
  const trial = useMutation({ mutationFn: run });
  const isTried = trial.isSuccess && JSON.stringify(trial.variables) === JSON.stringify(draft);
  return {
    /** Of the draft as it stands; undefined when it was changed since, or never tried. */
    result: isTried ? trial.data : undefined,
    error: trial.error,
    isPending: trial.isPending,
    run: () => trial.mutate(draft),
  };
}
