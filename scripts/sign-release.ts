/** Makes the publisher's keys and signs packages for updates over the air. */
import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { createReadStream, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { manifestSchema } from '../agent/src/update/manifest.js';

const USAGE = `Usage: npm run sign-release -- keys --out <folder>
       npm run sign-release -- sign <package.deb> --key <private.pem> [--min-version <version>]

keys  makes release-key.private.pem (mode 0600: keep it off every gateway and off the collector) and release-key.pem,
      which belongs into /etc/headcount on every gateway
sign  writes headcount-agent_<version>_<arch>.json beside the package; put both into the folder "releases" of the
      collector's dataDir, and those of the version that runs now, so that there is a way back

  --min-version <version>   oldest version from which it may be installed directly (default: 0.0.0)

Exit codes: 0 done, 1 failed, 2 wrong usage.`;

class UsageError extends Error {
  override readonly name = 'UsageError';
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: text, key: text, 'min-version': text, help: { type: 'boolean' } },
  });
  const [command, file] = positionals;
  if (values.help === true) console.log(USAGE);
  else if (command === 'keys' && values.out !== undefined) makeKeys(values.out);
  else if (command === 'sign' && file !== undefined && values.key !== undefined)
    await signPackage(file, values.key, values['min-version'] ?? '0.0.0');
  else throw new UsageError('say "keys --out <folder>" or "sign <package.deb> --key <private.pem>"');
}

function makeKeys(folder: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  // wx: a key that signed releases must not be overwritten by accident.
  const write = (name: string, pem: string | Buffer, mode: number) =>
    writeFileSync(join(folder, name), pem, { mode, flag: 'wx' });
  write('release-key.private.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  write('release-key.pem', publicKey.export({ type: 'spki', format: 'pem' }), 0o644);
  console.log(`keys written to ${folder}`);
}

async function signPackage(file: string, keyFile: string, minVersion: string): Promise<void> {
  const [, version, arch] = /^headcount-agent_([\d.]+)_(amd64|arm64)\.deb$/.exec(basename(file)) ?? [];
  if (version === undefined || arch === undefined)
    throw new UsageError(`${basename(file)} must be called headcount-agent_<version>_<amd64|arm64>.deb`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const manifest = JSON.stringify(
    manifestSchema.parse({
      ...{ version, arch, minVersion, file: basename(file), size: statSync(file).size },
      ...{ sha256: hash.digest('hex'), createdAt: Date.now() },
    }),
  );
  const signature = sign(null, Buffer.from(manifest), createPrivateKey(readFileSync(keyFile)));
  const out = join(dirname(file), `headcount-agent_${version}_${arch}.json`);
  writeFileSync(out, `${JSON.stringify({ manifest, signature: signature.toString('base64') })}\n`);
  console.log(`signed: ${out}`);
}

try {
  await main();
} catch (error) {
  console.error(`sign-release: ${error instanceof Error ? error.message : String(error)}`);
  const usage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (usage) console.error(USAGE);
  process.exitCode = usage ? 2 : 1;
}
