import { readdir, readFile } from 'node:fs/promises';

/** Text of a file below /proc or /sys without white space around it; null where this host does not have it. */
export async function readText(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    // Not every kernel, board or driver has every file, and some are there but answer with an error.
    return null;
  }
}

/** Whole number in a file, decimal or 0x…; null where there is none. */
export async function readNumber(path: string): Promise<number | null> {
  const text = await readText(path);
  const value = text === null || text === '' ? NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Paths of the entries of a folder whose name fits, in order; none where the folder is missing. */
export async function entriesOf(folder: string, name: RegExp): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((entry) => name.test(entry))
      .sort()
      .map((entry) => `${folder}/${entry}`);
  } catch {
    return [];
  }
}
