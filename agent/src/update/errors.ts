/** A release that must not be installed, or could not be; the message says why and what to do. */
export class UpdateError extends Error {
  override readonly name = 'UpdateError';
  readonly code = 'UPDATE_REFUSED';
}
