import { windowsOver } from '../maintenance/effect.js';
import type { Suppressions } from './engine.js';
import { silencesOver } from './silences.js';

/** Why nobody is told of an alert besides what explains it: people work there, or have silenced it. */
export const suppressions: Suppressions = async (trx, now) => {
  const windows = await windowsOver(trx, now);
  const silences = await silencesOver(trx, now);
  return (alert) => [...windows(alert.path), ...silences(alert)];
};
