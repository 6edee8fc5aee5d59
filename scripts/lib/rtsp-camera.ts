import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Debian's own Python: the GStreamer bindings are a Debian package, which another Python does not see. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('../rtsp-camera.py', import.meta.url));
const START_MS = 15_000;

/** A running camera. */
export interface RtspCamera {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Which clip to play and where. Port 0, the default, takes any free one. */
export interface RtspCameraOptions {
  readonly clip: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly codec?: 'h264' | 'j2k' | 'none';
  /** What goes wrong between SIGUSR1 and SIGUSR2. */
  readonly fault?: 'freeze' | 'silent' | 'garbage';
}

/**
 * Start an RTSP camera that plays a clip in a loop.
 * @throws Error with the server's own words when it does not come up
 */
export async function startRtspCamera({
  clip,
  port = 0,
  user,
  password,
  codec,
  fault,
}: RtspCameraOptions): Promise<RtspCamera> {
  const options = [
    ...['--clip', clip, '--port', String(port)],
    ...(user === undefined ? [] : ['--user', user, '--password', password ?? '']),
    ...(codec === undefined ? [] : ['--codec', codec]),
    ...(fault === undefined ? [] : ['--fault', fault]),
  ];
  const child = spawn(PYTHON, [SCRIPT, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-2000)));
  const ready = once(createInterface({ input: child.stdout }), 'line', {
    signal: AbortSignal.timeout(START_MS),
  });
  const first = await Promise.race([ready, exited.then(() => undefined)]);
  const line = typeof first?.[0] === 'string' ? first[0] : '';
  if (!line.startsWith('ready ') || child.pid === undefined) {
    throw new Error(`the RTSP camera did not start: ${words || 'no word from it'} (run scripts/setup.sh)`);
  }
  return {
    url: line.slice('ready '.length),
    pid: child.pid,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}
