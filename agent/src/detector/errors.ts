/** The model cannot be loaded or run; the message names the file and the fix. */
export class DetectorError extends Error {
  override readonly name = 'DetectorError';
  readonly code = 'DETECTOR_FAILED';
}
