import type { CurrentRule } from '../alerts/rules.js';
import type { Drill, DrillStep, Measure } from '../schema/drills.js';
import { targetsOf } from './judge.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

const STEP: Readonly<Record<DrillStep['step'], string>> = {
  ...{
    fault: 'fault injected',
    pending: 'alert pending',
    firing: 'alert firing',
    incident: 'incident opened',
  },
  ...{ queued: 'page queued', sent: 'page sent', delivered: 'page delivered', acknowledged: 'acknowledged' },
  ...{ mended: 'fault mended', resolved: 'alert resolved' },
};

/** Such as "  12.3 s  page sent: email". */
export function stepLine({ step, at, detail }: DrillStep, faultAt: number): string {
  const seconds = Math.max(0, (at - faultAt) / 1000).toFixed(1);
  return `${seconds.padStart(7)} s  ${STEP[step]}${detail === '' ? '' : `: ${detail}`}`;
}

/** A time as people say it. @param ms */
export function length(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms % 60_000) / 1000);
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
}

/** The times against their targets, and what follows from them. */
export function resultLines({ measures, outcome, incident }: Drill): string[] {
  const end = {
    kept: 'all targets kept',
    missed: 'a target was missed',
    'broken-off': 'the drill was broken off',
  };
  return [
    ...measures.map(measureLine),
    `${outcome === null ? 'the drill runs' : end[outcome]}${incident === null ? '' : `; see ${incident}`}`,
  ];
}

function measureLine({ name, ms, targetMs, kept }: Measure): string {
  const took = ms === null ? 'never' : length(ms);
  const verdict = kept === null ? 'not waited for' : kept ? 'kept' : 'MISSED';
  return `${name.padEnd(16)} ${took.padEnd(12)} target ${length(targetMs).padEnd(12)} ${verdict}`;
}

/** Every scenario: what it tests, and how long it takes by the rules as they are set. */
export function scenarioLines(rules: readonly CurrentRule[]): string[] {
  return SCENARIOS.flatMap((scenario) => [
    `${scenario.name.padEnd(18)} ${scenario.tests}`,
    `${' '.repeat(18)} ${timesLine(scenario, rules)}`,
  ]);
}

function timesLine(scenario: Scenario, rules: readonly CurrentRule[]): string {
  const rule = rules.find(({ slug }) => slug === scenario.rule);
  if (rule?.enabled !== true) return `rule ${scenario.rule}, which is switched off`;
  const { severity, detectionMs, pagingMs, acknowledgementMs } = targetsOf(scenario, rule);
  const ack = `acknowledgement within ${length(acknowledgementMs)}`;
  return `rule ${rule.slug}, ${severity}: first page within ${length(detectionMs + pagingMs)}, ${ack}`;
}
