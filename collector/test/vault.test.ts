import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { Vault } from '../src/security/vault.js';

const VAULT = new URL('../src/security/vault.ts', import.meta.url).href;
const FOLDERS = 200;
/** Opens the vaults of many folders from a moment on and prints what each sealed. */
const OPENER = `
  import { Vault } from '${VAULT}';
  const [, folder, at] = process.argv;
  while (Date.now() < Number(at));
  for (let nth = 0; nth < ${FOLDERS}; nth++) console.log(Vault.open(folder + '/' + nth).seal('secret'));`;

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-vault-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('collectors that open the vault of a folder at the same moment get the same key', async () => {
  const folder = newFolder();
  for (let nth = 0; nth < FOLDERS; nth++) mkdirSync(join(folder, String(nth)));
  const at = String(Date.now() + 2000);
  const options = [
    '--import',
    'tsx',
    '--conditions',
    'headcount-source',
    '--input-type=module',
    '-e',
    OPENER,
  ];
  const sealed = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [...options, folder, at]);
      return stdout.trim().split('\n');
    }),
  );
  for (let nth = 0; nth < FOLDERS; nth++) {
    const vault = Vault.open(join(folder, String(nth)));
    for (const texts of sealed) expect(vault.open(texts[nth] ?? '')).toBe('secret');
  }
});

test('the key is for its owner alone, also when it came back from a backup, and a damaged one is named', () => {
  const folder = newFolder();
  const file = join(folder, 'vault.key');
  const sealed = Vault.open(folder).seal('secret');
  chmodSync(file, 0o644);
  expect(Vault.open(folder).open(sealed)).toBe('secret');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, readFileSync(file, 'utf8').slice(4));
  expect(() => Vault.open(folder)).toThrow(/vault\.key is damaged; put it back from a backup/);
});
