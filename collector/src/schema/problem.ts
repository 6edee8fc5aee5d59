/** An error that an API client may see: its status and what is wrong and how to mend it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code = 'PROBLEM';
  readonly status: number;
  readonly headers: Record<string, string>;
  /** For programs that act on it, such as "totp-required"; most problems are for people only. */
  readonly type: string | undefined;

  constructor(status: number, detail: string, headers: Record<string, string> = {}, type?: string) {
    super(detail);
    this.status = status;
    this.headers = headers;
    this.type = type;
  }
}
