/**
 * Talks ONVIF in a thread of its own. Answers are XML of strangers, and a malformed one makes the library throw in a
 * callback where nobody can catch it: here that costs one answer, in the main thread it would cost the agent.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { networkInterfaces } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import onvif from 'onvif';
import type { DeviceProblem, WorkerMessage, WorkerTask } from './worker-messages.js';

/** Networks that are asked at a time; a gateway has one for cameras and one for the rest. */
const MAX_NETWORKS = 8;
/** Profiles of one device whose address is asked for. */
const MAX_PROFILES = 8;
/** What one connection may bring (bytes), and how often that is looked at (ms). */
const MAX_ANSWER_BYTES = 1024 * 1024;
const LOOK_MS = 50;

const send = (message: WorkerMessage) => parentPort?.postMessage(message);

function find(listenMs: number): void {
  // A malformed answer; the other devices still count.
  process.on('uncaughtException', () => undefined);
  onvif.Discovery.on('error', () => undefined);
  onvif.Discovery.on('device', (data, { address }) => send({ kind: 'device', from: address, data }));
  const networks = Object.entries(networkInterfaces())
    .filter(([, addresses = []]) => addresses.some(({ family }) => family === 'IPv4'))
    .map(([name]) => name);
  for (const device of networks.slice(0, MAX_NETWORKS))
    onvif.Discovery.probe({ device, timeout: listenMs, resolve: false }, () => undefined);
}

async function readStreams(task: Extract<WorkerTask, { kind: 'streams' }>): Promise<void> {
  process.on('uncaughtException', (error) => fail(error));
  const { protocol, hostname, port, pathname } = new URL(task.service);
  const useSecure = protocol === 'https:';
  const cam = new onvif.Cam({
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (useSecure ? 443 : 80),
    path: pathname,
    useSecure,
    // Cameras have certificates that they made themselves.
    secureOpts: { rejectUnauthorized: false },
    agent: capped(useSecure ? new HttpsAgent() : new HttpAgent()),
    timeout: task.answerMs,
    autoconnect: false,
    ...(task.login && { username: task.login.user, password: task.login.password }),
  });
  try {
    await promised((done) => cam.connect(done));
    const device = await promised((done) => cam.getDeviceInformation(done));
    const streams: unknown[] = [];
    for (const { $, name, videoEncoderConfiguration: encoder } of profilesOf(cam)) {
      const request = { protocol: 'RTSP', profileToken: $.token } as const;
      const answer = await promised((done) => cam.getStreamUri(request, done));
      streams.push({ name, encoder, ...asObject(answer) });
    }
    send({ kind: 'streams', data: { device, streams } });
  } catch (error) {
    fail(error);
  }
}

/** The library types profiles as anything. */
interface Profile {
  readonly $: { readonly token: string };
  readonly name: unknown;
  readonly videoEncoderConfiguration: unknown;
}

function profilesOf(cam: InstanceType<typeof onvif.Cam>): readonly Profile[] {
  return ((cam.profiles ?? []) as Profile[]).slice(0, MAX_PROFILES);
}

/** Connections that are cut when they bring too much. */
function capped<A extends HttpAgent>(agent: A): A {
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = create(options, callback);
    const look = setInterval(() => {
      if (socket && 'bytesRead' in socket && Number(socket.bytesRead) > MAX_ANSWER_BYTES) socket.destroy();
    }, LOOK_MS);
    socket?.once('close', () => clearInterval(look));
    return socket;
  };
  return agent;
}

function promised(ask: (done: (error: unknown, answer?: unknown) => void) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    ask((error, answer) => {
      if (error instanceof Error) reject(error);
      else resolve(answer);
    });
  });
}

function asObject(answer: unknown): object {
  return typeof answer === 'object' && answer !== null ? answer : {};
}

function fail(error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  send({ kind: 'failed', problem: problemOf(`${code} ${detail}`), detail });
}

function problemOf(text: string): DeviceProblem {
  if (/\b401\b|not.?authorized|unauthorized|authority failure|Digest authentication/i.test(text))
    return 'unauthorized';
  if (/ECONN|EHOST|ENET|ENOTFOUND|EAI_AGAIN|timeout/i.test(text)) return 'unreachable';
  return 'not-understood';
}

const task = workerData as WorkerTask;
if (task.kind === 'find') find(task.listenMs);
else await readStreams(task);
