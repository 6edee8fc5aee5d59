import { reportOf } from '../incidents/report.js';
import type { OncallReport } from '../schema/reports.js';
import type { Queryable } from '../store/store.js';
import { outcomesOf, tally } from './outcomes.js';
import { MOST_PAGES_PER_NIGHT, nightsOf, pagesOf, peopleOf } from './pages.js';
import { noisyRules } from './rules.js';
import type { ReportSpan } from './span.js';

/** How on-call went in a span: who was called when, whether there was something to do, and what was noise. @param now UTC ms */
export async function oncallReport(db: Queryable, span: ReportSpan, now: number): Promise<OncallReport> {
  const calls = await pagesOf(db, span);
  const outcomes = await outcomesOf(db, span);
  const nights = nightsOf(calls);
  const { severities } = await reportOf(db, { from: span.from - 1, to: span.to - 1 }, now);
  return {
    ...{ from: span.from, to: span.to, zone: span.zone, severities },
    ...{ pages: calls.length, nightPages: nights.reduce((sum, { pages }) => sum + pages, 0) },
    ...{ mostPagesPerNight: MOST_PAGES_PER_NIGHT, people: peopleOf(calls, nights), nights },
    incidents: tally(outcomes.values()),
    pagesBy: tally(
      calls.flatMap(({ incident }) => {
        const outcome = outcomes.get(incident);
        return outcome === undefined ? [] : [outcome];
      }),
    ),
    rules: await noisyRules(db, span, { outcomes, calls }),
  };
}
