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

/** Several things that are wrong at once, each with its place. */
export class ListedError extends ProblemError {
  readonly errors: readonly { readonly path: string; readonly message: string }[];

  constructor(errors: ListedError['errors']) {
    const shown = errors.slice(0, MOST_SHOWN);
    const more = errors.length - shown.length;
    const texts = shown.map(({ path, message }) => `${path}: ${message}`);
    super(400, [...texts, ...(more > 0 ? [`and ${more} more`] : [])].join('; '));
    this.errors = shown;
  }
}

/** More mistakes are of one kind, or nobody mends them by hand. */
const MOST_SHOWN = 100;
