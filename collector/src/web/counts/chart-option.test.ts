import { describe, expect, it } from 'vitest';
import type { Bucket } from '../../schema/counts.js';
import { chartOption } from './chart-option.js';

const bucket = (change: Partial<Bucket>): Bucket => ({
  site: 'main',
  gateway: 'lobby',
  camera: 'door',
  line: 'a',
  zone: null,
  sources: 1,
  start: 0,
  end: 60_000,
  in: 0,
  out: 0,
  observedMs: 60_000,
  expectedMs: 60_000,
  completeness: 1,
  gaps: [],
  suspect: [],
  spread: false,
  stitched: 0,
  occupancyMax: null,
  queueMax: null,
  meanDwellMs: null,
  before: null,
  open: null,
  ...change,
});
const words = {
  in: 'In',
  out: 'Out',
  notObserved: 'Not observed',
  observed: 'observed',
  people: 'people',
  label: String,
  gap: String,
  suspect: (reasons: readonly string[]) => `Doubtful: ${reasons.join()}`,
  spread: 'Spread',
  dark: false,
};

describe('the chart', () => {
  it('shows zero where nobody came and nothing where nobody looked', () => {
    const option = chartOption([bucket({}), bucket({ observedMs: 0, completeness: 0 })], words);
    expect(option.series[1]?.data).toEqual([0, null]);
    expect(option.series[0]?.data).toEqual([0, 1]);
  });

  it('shows neither bar nor grey where nothing was expected', () => {
    const option = chartOption([bucket({ observedMs: 0, expectedMs: 0, completeness: null })], words);
    expect(option.series.map(({ data }) => data)).toEqual([[null], [null], [null]]);
  });

  it('says of counts that come from a longer interval that they are spread', () => {
    const text = (spread: boolean) =>
      chartOption([bucket({ spread })], words).tooltip.formatter([{ dataIndex: 0 }]);
    expect([text(true), text(false)].map((one) => one.includes('Spread'))).toEqual([true, false]);
  });

  it('marks counts of a bad picture in the tooltip', () => {
    const text = (suspect: Bucket['suspect']) =>
      chartOption([bucket({ suspect })], words).tooltip.formatter([{ dataIndex: 0 }]);
    expect(text(['moved', 'defocused'])).toContain('⚠ Doubtful: moved,defocused');
    expect(text([])).not.toContain('⚠');
  });

  it('names gaps with their seconds in the tooltip', () => {
    const half = bucket({
      in: 3,
      observedMs: 30_000,
      completeness: 0.5,
      gaps: [{ reason: 'backoff', ms: 30_000 }],
    });
    const text = chartOption([half], words).tooltip.formatter([{ dataIndex: 0 }]);
    expect(text).toContain('In: 3');
    expect(text).toContain('50 % observed');
    expect(text).toContain('backoff: 30 s');
  });
});
