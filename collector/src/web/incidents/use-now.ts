import { useEffect, useState } from 'react';

/**
 * The collector's clock, ticking every second.
 * @param offset how far it is ahead of the browser's (ms)
 * @returns UTC ms
 */
export function useNow(offset: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now + offset;
}
