import { ApiError } from './http.js';

/** Whether a place of an answer lies at a field, or below it. */
const isAt = (place: string, field: string) => place === field || place.startsWith(`${field}.`);

/** What the API says is wrong with a field, such as "rotations.0.members"; undefined when nothing is. */
export function fieldError(error: Error | null, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const messages = error.errors.filter(({ path }) => isAt(path, field)).map(({ message }) => message);
  return messages.length === 0 ? undefined : messages.join('; ');
}

/** An error for the foot of a form: null when all that it says stands at one of the fields already. */
export function restOf(error: Error | null, fields: readonly string[]): Error | null {
  if (!(error instanceof ApiError) || error.errors.length === 0) return error;
  const placed = error.errors.every(({ path }) => fields.some((field) => isAt(path, field)));
  return placed ? null : error;
}
