import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder, readIfThere, SECRET_MODE, writeFileAtomically, writeFileOnce } from './index.js';

const SOMEBODY = 12_345;
const root = process.getuid?.() === 0;

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('a file that is written atomically', () => {
  it('has its mode from the first byte on, whatever stood there before', () => {
    const file = join(newFolder(), 'a/secret');
    writeFileAtomically(file, 'one', SECRET_MODE);
    writeFileSync(`${file}.new`, 'half of a draft that a power cut left', { mode: 0o644 });
    writeFileAtomically(file, 'two', SECRET_MODE);
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(file, '..'))).toEqual(['secret']);
  });

  it.runIf(root)('belongs, with new folders above it, to the owner of the folder when root writes it', () => {
    const folder = newFolder();
    chownSync(folder, SOMEBODY, SOMEBODY);
    const file = join(folder, 'a/b/secret');
    makeFolder(join(folder, 'a/b'));
    writeFileAtomically(file, 'text', SECRET_MODE);
    for (const path of [file, join(folder, 'a'), join(folder, 'a/b')])
      expect(statSync(path).uid).toBe(SOMEBODY);
  });
});

describe('a file that is written once', () => {
  it('keeps what came first, and tells the others', () => {
    const file = join(newFolder(), 'key');
    expect(readIfThere(file)).toBeUndefined();
    expect(writeFileOnce(file, 'first', SECRET_MODE)).toBe('first');
    expect(writeFileOnce(file, 'second', SECRET_MODE)).toBe('first');
    expect(readIfThere(file)).toBe('first');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(file, '..'))).toEqual(['key']);
  });
});
