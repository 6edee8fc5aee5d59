/** One stage of the agent that must move. Times are monotonic ms. */
interface Stage {
  readonly deadlineMs: number;
  lastBeat: number;
}

/** A stage that has not moved for longer than it may. */
export interface StuckStage {
  readonly name: string;
  /** How long it has not moved (ms). */
  readonly silentMs: number;
}

/**
 * Proof of life of every stage. The watchdog is fed only while all of them beat: an agent whose event loop turns but
 * whose detector is dead counts nobody, and must be started again just like one that hangs.
 */
export class Stages {
  private readonly stages = new Map<string, Stage>();
  private readonly monotonic: () => number;

  constructor(monotonic: () => number) {
    this.monotonic = monotonic;
  }

  /** Watch a stage from now on; the returned function is called whenever the stage has done real work. */
  watch(name: string, deadlineMs: number): () => void {
    const stage: Stage = { deadlineMs, lastBeat: this.monotonic() };
    this.stages.set(name, stage);
    return () => {
      stage.lastBeat = this.monotonic();
    };
  }

  /** A stage that was taken out on purpose need not move any more. */
  forget(name: string): void {
    this.stages.delete(name);
  }

  /** Stages that are past their deadline, the longest silent first. */
  stuck(): StuckStage[] {
    const now = this.monotonic();
    return [...this.stages]
      .map(([name, { lastBeat, deadlineMs }]) => ({ name, silentMs: now - lastBeat, deadlineMs }))
      .filter(({ silentMs, deadlineMs }) => silentMs > deadlineMs)
      .sort((one, other) => other.silentMs - one.silentMs)
      .map(({ name, silentMs }) => ({ name, silentMs }));
  }
}
