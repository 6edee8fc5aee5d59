import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** Most bytes of one file; with all of them a bundle stays below 5 MB even where nothing can be compressed. */
const MAX_PART_BYTES = 400_000;
/** Files of a bundle. */
const MAX_PARTS = 12;

/** One file of a bundle. */
export interface BundlePart {
  readonly name: string;
  /** Its text; an error becomes the text, so that one broken part never costs the others. */
  readonly text: () => string | Promise<string>;
}

/** How a bundle is made. */
export interface BundleOptions {
  /** Folder inside the archive. */
  readonly folder: string;
  /** UTC ms, for the files' dates. */
  readonly now: number;
  /** Takes secrets out of a text; called with every text as the last step. */
  readonly scrub: (text: string) => string;
}

/** A tar.gz of the parts, made while it is read: never more than one part is in memory. */
export function createBundle(parts: readonly BundlePart[], options: BundleOptions): Readable {
  const archive = pack();
  const fill = async () => {
    for (const part of parts.slice(0, MAX_PARTS)) {
      const text = cut(options.scrub(await textOf(part)));
      await new Promise<void>((resolve, reject) => {
        const header = { name: `${options.folder}/${part.name}`, mtime: new Date(options.now) };
        archive.entry(header, text, (error) => (error ? reject(error) : resolve()));
      });
    }
    archive.finalize();
  };
  fill().catch((error: unknown) => archive.destroy(error as Error));
  const zip = createGzip();
  // When its reader goes away, the archive ends with it.
  pipeline(archive, zip).catch((error: unknown) => zip.destroy(error as Error));
  return zip;
}

async function textOf({ text }: BundlePart): Promise<string> {
  try {
    return await text();
  } catch (error) {
    return `could not be made: ${error instanceof Error ? error.message : String(error)}\n`;
  }
}

/** The end of a text is worth more than its beginning: it is nearer to the failure. */
function cut(text: string): Buffer {
  const bytes = Buffer.from(text);
  const excess = bytes.length - MAX_PART_BYTES;
  return excess <= 0
    ? bytes
    : Buffer.concat([Buffer.from(`[${excess} bytes left out]\n`), bytes.subarray(excess)]);
}
