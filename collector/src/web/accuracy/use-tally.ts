import { useCallback, useEffect, useState } from 'react';
import type { Tally } from './tally-state.js';

const STORAGE_KEY = 'headcount-tally';
/** How often the clock of the page moves (ms). */
const TICK_MS = 250;

function remembered(): Tally | null {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? 'null') as Tally | null;
  } catch {
    return null;
  }
}

/** The tally of this browser, which outlives a reload; null while nobody counts. */
export function useTally(): [Tally | null, (change: (tally: Tally | null) => Tally | null) => void] {
  const [tally, setTally] = useState(remembered);
  const change = useCallback((by: (tally: Tally | null) => Tally | null) => {
    // From what is stored, so that two presses in one moment are both kept.
    const next = by(remembered());
    if (next === null) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, JSON.stringify(next));
    setTally(next);
  }, []);
  return [tally, change];
}

/** The collector's clock (UTC ms). @param offset its difference from this device's */
export function useClock(offset: number): number {
  const [now, setNow] = useState(() => Date.now() + offset);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() + offset), TICK_MS);
    return () => clearInterval(timer);
  }, [offset]);
  return now;
}

/** What a key means; undefined for all others. */
function meaningOf(key: string): 'in' | 'out' | 'undo' | undefined {
  if (key === 'ArrowUp' || key === 'i' || key === 'I') return 'in';
  if (key === 'ArrowDown' || key === 'o' || key === 'O') return 'out';
  return key === 'Backspace' || key === 'u' || key === 'U' ? 'undo' : undefined;
}

/** Call back for every key that counts, wherever the focus is; a key that is held down is one person. */
export function useTallyKeys(onKey: (meaning: 'in' | 'out' | 'undo') => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const meaning = meaningOf(event.key);
      if (meaning === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      if (!event.repeat) onKey(meaning);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [onKey]);
}

/** Keep the screen of a phone on; browsers that cannot, and pages without TLS, let it go dark as ever. */
export function useScreenOn(): void {
  useEffect(() => {
    const ask = () => {
      if ('wakeLock' in navigator && document.visibilityState === 'visible')
        void navigator.wakeLock.request('screen').catch(() => undefined);
    };
    ask();
    // The lock is gone once the page was out of sight.
    document.addEventListener('visibilitychange', ask);
    return () => document.removeEventListener('visibilitychange', ask);
  }, []);
}
