/**
 * Signs releases of the agent. The private key stays with the publisher; gateways know only the public one.
 *   npx tsx --conditions headcount-source scripts/sign-release.ts keys <folder>
 *   npx tsx --conditions headcount-source scripts/sign-release.ts sign <private key> <package.deb> [--min-version x.y.z]
 */
import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { manifestSchema } from '../agent/src/update/manifest.js';

const USAGE = 'usage: sign-release.ts keys <folder> | sign <private key> <package.deb> [--min-version x.y.z]';

function makeKeys(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  // 'wx': a key that gateways trust already must not be overwritten.
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(folder, 'release.key'), secret, { mode: 0o600, flag: 'wx' });
  writeFileSync(join(folder, 'release.pub'), publicKey.export({ type: 'spki', format: 'pem' }), {
    flag: 'wx',
  });
  console.log(`${folder}/release.key stays with you; ${folder}/release.pub goes to the gateways`);
}

function signRelease(keyFile: string, deb: string, minVersion: string): void {
  const field = (name: string) => execFileSync('dpkg-deb', ['-f', deb, name], { encoding: 'utf8' }).trim();
  const content = readFileSync(deb);
  const manifest = JSON.stringify(
    manifestSchema.parse({
      version: field('Version'),
      arch: field('Architecture'),
      file: basename(deb),
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      minVersion,
      createdAt: Date.now(),
    }),
  );
  const key = createPrivateKey(readFileSync(keyFile));
  const signature = sign(null, Buffer.from(manifest, 'utf8'), key).toString('base64');
  const { version, arch } = manifestSchema.parse(JSON.parse(manifest));
  const file = join(dirname(deb), `headcount-agent_${version}_${arch}.json`);
  writeFileSync(file, JSON.stringify({ manifest, signature }, null, 2));
  console.log(`${file}: copy it with ${basename(deb)} into the folder "releases" of the collector's dataDir`);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'min-version': { type: 'string', default: '0.0.0' } },
});
const [command, first, second] = positionals;
if (command === 'keys' && first !== undefined) makeKeys(first);
else if (command === 'sign' && first !== undefined && second !== undefined)
  signRelease(first, second, values['min-version']);
else {
  console.error(USAGE);
  process.exitCode = 2;
}
