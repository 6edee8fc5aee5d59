/** Runs one of the long checks, which the test suite holds in a short form, and says how it went. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('./soak/', import.meta.url);
const ENDING = '.ts';

const known = readdirSync(fileURLToPath(FOLDER))
  .filter((name) => name.endsWith(ENDING))
  .map((name) => name.slice(0, -ENDING.length));

async function main([name = '--help', ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || !known.includes(name)) {
    console.log(
      `Usage: npm run soak -- <name> [--option value …]\n\nChecks: ${known.join(', ')}. Build first.`,
    );
    return name === '--help' ? 0 : 2;
  }
  const { run } = (await import(new URL(`${name}${ENDING}`, FOLDER).href)) as {
    run: (args: readonly string[]) => Promise<number>;
  };
  return run(args);
}

process.exitCode = await main(process.argv.slice(2));
