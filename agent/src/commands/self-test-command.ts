import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { loadConfig, type AgentConfig } from '../config/config.js';
import { networkChecks } from '../self-test/network-checks.js';
import { ownConnectionChecks } from '../self-test/own-connection-checks.js';
import { passed, runSelfTest } from '../self-test/run.js';
import type { StepResult } from '../self-test/steps.js';
import { configuredTimeServer } from '../self-test/time-server.js';
import { STEP_RESULT_WORDS, STEP_WORDS } from '../self-test/words.js';
import { tlsOptions } from '../uplink/connection.js';
import { fill } from '../words/fill.js';
import { askRunningAgent } from './running-agent.js';

const MARKS = { good: 'ok', bad: 'BAD', skipped: '-' } as const;

/**
 * Test the way to the collector: through the agent that runs on this machine, which has the connection, or, where none
 * runs, with a connection of its own.
 * @returns true when nothing was bad
 */
export async function selfTestCommand(
  file: string,
  options: { readonly json?: true },
  print: (line: string) => void,
): Promise<boolean> {
  const config = loadConfig(file, process.env);
  const answer = await askRunningAgent(config, { method: 'POST', path: '/api/self-test' });
  const results: StepResult[] = [];
  for await (const result of answer === undefined ? alone(config) : linesOf(answer)) {
    results.push(result);
    if (options.json !== true) print(tableLine(result));
  }
  const good = passed(results);
  if (options.json === true)
    print(JSON.stringify({ passed: good, agentRuns: answer !== undefined, results }, null, 2));
  else
    print(good ? 'the way to the collector is fine' : 'the way to the collector is blocked: see BAD above');
  return good;
}

function alone(config: AgentConfig): AsyncIterable<StepResult> {
  const { collector, gateway, password } = config;
  const monotonic = () => performance.now();
  const tls = tlsOptions(collector);
  const target = { url: collector.url, tls: () => tls, timeServer: configuredTimeServer, wall: Date.now };
  const login = { clientId: gateway, username: gateway, ...(password !== undefined && { password }), ...tls };
  const checks = { ...networkChecks(target), ...ownConnectionChecks(collector.url, login, monotonic) };
  return runSelfTest({ checks, signal: new AbortController().signal, monotonic });
}

async function* linesOf(input: Readable): AsyncGenerator<StepResult> {
  for await (const line of createInterface({ input })) yield JSON.parse(line) as StepResult;
}

function tableLine({ step, outcome, code, values, ms }: StepResult): string {
  const [says, next] = STEP_RESULT_WORDS.en[code];
  const time = ms === null ? '' : `${ms} ms`;
  const first = `${MARKS[outcome].padEnd(4)} ${STEP_WORDS.en[step].padEnd(24)} ${time.padStart(8)}  ${fill(says, values)}`;
  return next === '' ? first : `${first}\n${' '.repeat(40)}-> ${next}`;
}
