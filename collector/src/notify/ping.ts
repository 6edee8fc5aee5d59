import { request } from './channels/http.js';

/** A switch that does not answer in time is asked again in a minute (ms). */
const PING_MS = 10_000;
/** An outbox that was not looked at for so long does not move any more (ms). */
const STUCK_MS = 60_000;

/**
 * Tell a dead man's switch elsewhere that pages still go out. Only progress counts: while the outbox stands still nothing is told,
 * and the switch raises the alarm.
 * @param progressAt when the outbox was last looked at, UTC ms
 * @throws Error when the switch does not take it
 */
export async function pingWatcher(
  url: string,
  { progressAt, now }: { progressAt: number; now: number },
): Promise<void> {
  if (now - progressAt > STUCK_MS)
    throw new Error('the outbox of notifications stands still; the watcher is not told');
  const signal = AbortSignal.timeout(PING_MS);
  const { status } = await request(url, { method: 'GET', headers: {}, body: '', signal });
  if (status >= 300) throw new Error(`the watcher answers ${status}`);
}
