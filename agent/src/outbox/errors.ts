/** The disk refused a write or the file cannot be opened; `cause` has SQLite's own error. */
export class OutboxError extends Error {
  override readonly name = 'OutboxError';
  readonly code = 'OUTBOX_FAILED';
}
