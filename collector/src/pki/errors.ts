/** Something about keys and certificates is wrong; the message says what, and how to mend it. */
export class PkiError extends Error {
  override readonly name = 'PkiError';
  readonly code = 'PKI';
}
