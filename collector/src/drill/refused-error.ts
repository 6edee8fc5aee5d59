/** No drill could be held: says why, and what to do. */
export class DrillRefusedError extends Error {
  override readonly name = 'DrillRefusedError';
}
