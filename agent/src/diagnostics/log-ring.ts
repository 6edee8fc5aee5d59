/** Log lines that are kept for a diagnostics file, and their size: the older ones go first. */
const MAX_LINES = 2000;
const MAX_CHARACTERS = 400_000;

/** The last lines of the agent's own log, already redacted by the logger; a destination beside stderr. */
export class LogRing {
  private kept: string[] = [];
  private characters = 0;
  /** Lines that had to go for newer ones. */
  dropped = 0;

  write(line: string): void {
    this.kept.push(line);
    this.characters += line.length;
    while (this.kept.length > MAX_LINES || this.characters > MAX_CHARACTERS) {
      this.characters -= this.kept.shift()?.length ?? 0;
      this.dropped += 1;
    }
  }

  /** The lines, oldest first, each with its line break. */
  text(): string {
    return this.kept.join('');
  }
}
