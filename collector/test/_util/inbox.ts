import { onTestFinished } from 'vitest';
import { until } from './until.js';

/** What a receiver got; whatever a test does not take out fails it. */
export class Inbox<T> {
  private readonly name: string;
  private readonly waiting: T[] = [];
  private readonly problems: string[] = [];

  /** @param name of the receiver, for messages */
  constructor(name: string) {
    this.name = name;
    onTestFinished(() => this.check());
  }

  add(item: T): void {
    this.waiting.push(item);
  }

  /** Something came that no such receiver is ever sent. */
  refuse(problem: string): void {
    this.problems.push(problem);
  }

  get size(): number {
    return this.waiting.length;
  }

  /** Take the next one. @throws Error when none comes in time */
  async next(timeoutMs?: number): Promise<T> {
    return until(() => this.waiting.shift(), `a message to ${this.name}`, timeoutMs);
  }

  private check(): void {
    const unexpected = [...this.problems, ...this.waiting.map((item) => JSON.stringify(item))];
    if (unexpected.length > 0)
      throw new Error(`${this.name} got what was not expected: ${unexpected.join('\n')}`);
  }
}
