import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { loadConfig } from '../config/config.js';
import { offlineBundle } from '../diagnostics/diagnostics.js';
import { agentVersion } from '../version.js';
import { askRunningAgent } from './running-agent.js';

/**
 * Write the diagnostics file: that of the agent which runs on this machine, or what can be told without one.
 * @param options.output a new file; nothing is overwritten
 */
export async function diagnosticsCommand(
  file: string,
  options: { readonly output?: string },
  print: (line: string) => void,
): Promise<void> {
  const config = loadConfig(file, process.env);
  const answer = await askRunningAgent(config, { method: 'GET', path: '/api/diagnostics.tar.gz' });
  const { name, body } = offlineBundle(config, agentVersion(), Date.now());
  const output = options.output ?? `${name}.tar.gz`;
  await pipeline(answer ?? body, createWriteStream(output, { flags: 'wx', mode: 0o600 }));
  print(
    answer === undefined
      ? `wrote ${output}; the agent does not run: without its state and log`
      : `wrote ${output}`,
  );
}
