import { wilsonInterval, type AuditResult, type ShareInterval } from '@headcount/shared';

/** Crossings by direction. */
export type Counted = AuditResult['person'];

/** What became of the crossings of a clip or of many. */
export interface AuditScore {
  readonly right: number;
  /** A person crossed and the machine counted nothing. */
  readonly missed: number;
  /** The machine counted and nobody crossed. */
  readonly extra: number;
  /** Counted, but the other way. */
  readonly wrongWay: number;
}

/** Audited clips of one line, by why they were kept: the two are drawn apart, so they are judged apart. */
export interface AuditSummary {
  readonly camera: string;
  readonly line: string;
  /** Clips in which the machine had counted. */
  readonly crossing: AuditScore & {
    readonly clips: number;
    /** Share of right events with 95 % bounds; null without events. */
    readonly accuracy: (ShareInterval & { readonly share: number }) | null;
  };
  /** Clips in which somebody was near and the machine had counted nobody; `missed` of the people crossed all the same. */
  readonly near: { readonly clips: number; readonly missed: number };
}

/** Compare what a person counted with what the machine counted. */
export function scoreOf(person: Counted, machine: Counted): AuditScore {
  const right = Math.min(person.in, machine.in) + Math.min(person.out, machine.out);
  const missed = person.in + person.out - right;
  const extra = machine.in + machine.out - right;
  // One missed one way and one too many the other way is one person counted the wrong way.
  const wrongWay = Math.min(missed, extra);
  return { right, missed: missed - wrongWay, extra: extra - wrongWay, wrongWay };
}

/** Sum up results line by line. */
export function summarise(results: readonly AuditResult[]): AuditSummary[] {
  const lines = new Map<string, AuditResult[]>();
  for (const result of results) {
    const key = `${result.camera}/${result.line}`;
    lines.set(key, [...(lines.get(key) ?? []), result]);
  }
  return [...lines.values()].map(summaryOf);
}

function summaryOf(results: readonly AuditResult[]): AuditSummary {
  const [first] = results;
  const crossing = results.filter(({ stratum }) => stratum === 'crossing');
  const near = results.filter(({ stratum }) => stratum === 'near');
  const score = sum(crossing.map(({ person, machine }) => scoreOf(person, machine)));
  const events = score.right + score.missed + score.extra + score.wrongWay;
  const bounds = wilsonInterval(score.right, events);
  return {
    camera: first?.camera ?? '',
    line: first?.line ?? '',
    crossing: {
      ...score,
      clips: crossing.length,
      accuracy: bounds === undefined ? null : { ...bounds, share: score.right / events },
    },
    near: {
      clips: near.length,
      missed: sum(near.map(({ person, machine }) => scoreOf(person, machine))).missed,
    },
  };
}

function sum(scores: readonly AuditScore[]): AuditScore {
  const total = (pick: (score: AuditScore) => number) => scores.reduce((all, score) => all + pick(score), 0);
  return {
    right: total(({ right }) => right),
    missed: total(({ missed }) => missed),
    extra: total(({ extra }) => extra),
    wrongWay: total(({ wrongWay }) => wrongWay),
  };
}
