import type { Impact } from '../schema/incidents.js';
import type { ReviewFacts } from '../schema/reviews.js';
import type { IncidentRow, IncidentTables } from '../store/tables-incidents.js';
import { spanOf, WORDS, type Language } from './review-words.js';
import { TARGETS } from './targets.js';

type Event = IncidentTables['incident_event'];

/** What happened, in numbers. @param timeline from the beginning */
export function factsOf(incident: IncidentRow, timeline: readonly Event[]): ReviewFacts {
  const { started_at: start, acked_at, mitigated_at, resolved_at, severity } = incident;
  const after = (at: number | null) => (at === null ? null : at - start);
  return {
    detectMs: start - incident.since_at,
    acknowledgeMs: after(acked_at),
    acknowledgeTargetMs: TARGETS[severity].responseMs,
    mitigateMs: after(mitigated_at),
    resolveMs: after(resolved_at),
    resolveTargetMs: TARGETS[severity].resolveMs,
    paged: [...new Set(timeline.filter(({ kind }) => kind === 'paged').flatMap(pagedPeople))],
    people: [...new Set(timeline.map(({ actor }) => actor))].filter((actor) => actor !== 'system'),
    missedTargets: timeline
      .filter(({ kind }) => kind === 'timer')
      .map(({ data }) => (JSON.parse(data) as { timer: string }).timer)
      .filter((timer) => timer === 'ack_due' || timer === 'resolve_due'),
  };
}

/** Such as " at Front door (main/lobby/door)"; empty where nobody named a place. */
function placeOf({ asset_name: name, asset_path: path }: IncidentRow, at: string): string {
  if (name === null || path === null) return '';
  return ` ${at} ${name === path ? name : `${name} (${path})`}`;
}

function pagedPeople({ data }: Event): string[] {
  const { level, people } = JSON.parse(data) as { level: number; people: string[] };
  return people.map((name) => `${name} (L${level})`);
}

/** A first summary, written from the timeline; people make it better. */
export function draftSummary(
  incident: IncidentRow,
  { facts, impact }: { facts: ReviewFacts; impact: Impact | null },
  language: Language,
): string {
  const words = WORDS[language];
  const title = language === 'vi' ? incident.title_vi : incident.title_en;
  const span = (ms: number) => spanOf(ms, language);
  const against = (ms: number, target: number) => `${span(ms)} (${words.target} ${span(target)})`;
  const { acknowledgeMs, mitigateMs, resolveMs, paged, people } = facts;
  const sentences = [
    `${incident.id}, ${words.severity[incident.severity]}: ${title}${placeOf(incident, words.at)}.`,
    `${words.detected} ${span(facts.detectMs ?? 0)}.`,
    acknowledgeMs === null
      ? words.neverAcknowledged
      : `${words.acknowledged} ${against(acknowledgeMs, facts.acknowledgeTargetMs)}.`,
    mitigateMs === null ? '' : `${words.mitigated} ${span(mitigateMs)}.`,
    resolveMs === null
      ? ''
      : `${words.resolved} ${against(resolveMs, facts.resolveTargetMs)}: ${incident.resolve_reason ?? ''}.`,
    impact === null || impact.cameras === 0 ? '' : words.impact(impact),
    paged.length === 0 ? '' : `${words.paged} ${paged.join(', ')}.`,
    people.length === 0 ? words.nobody : `${words.people} ${people.join(', ')}.`,
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
