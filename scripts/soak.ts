/** Runs one of the long checks, which the test suite holds in a short form, and says how it went; see scripts/soak. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('./soak/', import.meta.url);

const known = readdirSync(fileURLToPath(FOLDER)).map((name) => name.replace(/\.ts$/, ''));

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || !known.includes(name)) {
    console.error(
      `Usage: npm run soak -- <name> [--option value …]\n\nChecks: ${known.join(', ')}. Build first.`,
    );
    return name === '--help' ? 0 : 2;
  }
  const { run } = (await import(new URL(`${name}.ts`, FOLDER).href)) as {
    run: (args: readonly string[]) => Promise<boolean> | boolean;
  };
  return (await run(args)) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
