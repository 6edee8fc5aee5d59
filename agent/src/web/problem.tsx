import { ApiError } from './api.js';
import type { WORDS } from './words.js';

/** What went wrong in a request, for a person: the gateway's words, or that it did not answer. */
export function problemOf(error: unknown, words: (typeof WORDS)['en']): string {
  return error instanceof ApiError && error.status !== 0 ? error.message : words.unreachable;
}

/** Says what went wrong, also to who cannot see it; nothing while the text is empty. */
export function Problem({ text, testId }: { text: string; testId?: string }) {
  if (text === '') return null;
  return (
    <p class="problem" role="alert" {...(testId !== undefined && { 'data-testid': testId })}>
      ▲ {text}
    </p>
  );
}
