import { userInfo } from 'node:os';
import type { Intention } from './audit-log.js';

/** Who works at the command line, as entries name them. */
export function commandLineActor(): string {
  return `command line ${userInfo().username}`;
}

/** What somebody at the command line is about to do. */
export function locally(action: string, object: string, detail?: string): Intention {
  return { actor: commandLineActor(), address: 'local', action, object, detail };
}
