import { risksIn } from '../../accuracy/stored-verdicts.js';
import type { RiskKind } from '../../schema/accuracy.js';
import type { Store } from '../../store/store.js';
import { flag, MINUTE_MS, type Sample, type Source } from '../signal.js';
import { lineAsset } from './counts.js';
import { siteAsset } from './gateways.js';

/** Audits, and signs that counts are wrong, as they are stored for each line. What nobody has judged yet is unknown. */
export const accuracySource: Source = {
  signals: ['line.accuracy-fail', 'line.accuracy-due', 'line.unusual', 'site.left'],
  periodMs: MINUTE_MS,
  async read(store) {
    const lines = (await storedVerdicts(store)).map(({ risks, ...row }) => ({
      ...row,
      asset: lineAsset(row),
      kinds: risks === null ? null : new Set(risksIn(risks).map(({ kind }) => kind)),
    }));
    const judged = (so: (line: (typeof lines)[number]) => boolean) =>
      lines.map((line): Sample => ({
        asset: line.asset,
        value: line.verdict === null ? 'unknown' : flag(so(line)),
      }));
    return {
      'line.accuracy-fail': judged(({ verdict }) => verdict === 'fail'),
      'line.accuracy-due': judged(({ due }) => due !== null),
      'line.unusual': lines.map(({ asset, kinds }): Sample => ({
        asset,
        value: kinds === null ? 'unknown' : flag(kinds.has('weekday-change')),
      })),
      'site.left': sitesLeft(lines),
    };
  },
};

async function storedVerdicts(store: Store) {
  return store
    .selectFrom('line')
    .innerJoin('gateway', 'gateway.name', 'line.gateway')
    .leftJoin('line_verdict', (join) =>
      join
        .onRef('line_verdict.gateway', '=', 'line.gateway')
        .onRef('line_verdict.camera', '=', 'line.camera')
        .onRef('line_verdict.line', '=', 'line.id'),
    )
    .select(['gateway.site', 'line.gateway', 'line.camera', 'line.id', 'line.name'])
    .select(['line_verdict.verdict', 'line_verdict.due', 'line_verdict.risks'])
    .where('line.present', '=', 1)
    .execute();
}

interface SignsOfLine {
  readonly site: string;
  /** Null until they were looked for. */
  readonly kinds: ReadonlySet<RiskKind> | null;
}

/** A site's sign stands at each of its entrances. */
function sitesLeft(lines: readonly SignsOfLine[]): Sample[] {
  const sites = new Map<string, Sample['value']>();
  for (const { site, kinds } of lines) {
    const known = sites.get(site) ?? 'unknown';
    if (kinds?.has('occupancy-left') === true) sites.set(site, 1);
    else if (kinds !== null && known === 'unknown') sites.set(site, 0);
    else sites.set(site, known);
  }
  return [...sites].map(([site, value]) => ({ asset: siteAsset(site), value }));
}
