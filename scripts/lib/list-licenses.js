// Prints name, version and licence of every npm package whose package.json is given.
import { readFileSync } from 'node:fs';

for (const file of process.argv.slice(2)) {
  const { name, version, license, licenses } = JSON.parse(readFileSync(file, 'utf8'));
  console.log(
    `${name} ${version}: ${license?.type ?? license ?? licenses?.map(({ type }) => type).join(', ')}`,
  );
}
