import type { Bucket } from '../../schema/counts.js';
import { percent } from '../format.js';

/** Words and looks of the chart. */
export interface ChartWords {
  readonly in: string;
  readonly out: string;
  readonly notObserved: string;
  readonly observed: string;
  readonly people: string;
  readonly label: (at: number) => string;
  readonly gap: (reason: Bucket['gaps'][number]['reason']) => string;
  /** What was wrong with the picture, as one text. */
  readonly suspect: (reasons: Bucket['suspect']) => string;
  /** Said of counts that come from a longer interval. */
  readonly spread: string;
  readonly dark: boolean;
}

const COLOURS = { in: '#1098ad', out: '#e8590c', gap: 'rgba(134, 142, 150, 0.28)' };

/**
 * Options of the bar chart. Where nothing was observed there is no bar at all, and the unobserved share of every bucket
 * stands behind the bars in grey: a hole never looks like a zero.
 */
export function chartOption(buckets: readonly Bucket[], words: ChartWords) {
  const bars = (pick: (bucket: Bucket) => number) =>
    buckets.map((bucket) => (bucket.observedMs === 0 ? null : pick(bucket)));
  const labels = buckets.map(({ start }) => words.label(start));
  const text = words.dark ? '#c9c9c9' : '#495057';
  return {
    animation: false,
    textStyle: { fontFamily: 'inherit', color: text },
    grid: { left: 44, right: 12, top: 36, bottom: 28 },
    legend: { top: 0, right: 0, textStyle: { color: text } },
    tooltip: {
      trigger: 'axis' as const,
      confine: true,
      formatter: (points: unknown) => tooltip(buckets, points, words),
    },
    xAxis: [
      { type: 'category' as const, data: labels, axisLabel: { color: text } },
      // The grey has an axis of its own: bars on one axis share its width.
      { type: 'category' as const, data: labels, show: false },
    ],
    yAxis: [
      {
        type: 'value' as const,
        name: words.people,
        minInterval: 1,
        axisLabel: { color: text },
        nameTextStyle: { color: text },
      },
      { type: 'value' as const, max: 1, show: false },
    ],
    series: [
      {
        name: words.notObserved,
        type: 'bar' as const,
        xAxisIndex: 1,
        yAxisIndex: 1,
        barCategoryGap: '0%',
        silent: true,
        itemStyle: { color: COLOURS.gap },
        data: buckets.map(({ completeness }) => (completeness === null ? null : 1 - completeness)),
      },
      {
        name: words.in,
        type: 'bar' as const,
        barMaxWidth: 24,
        itemStyle: { color: COLOURS.in },
        data: bars((bucket) => bucket.in),
      },
      {
        name: words.out,
        type: 'bar' as const,
        barMaxWidth: 24,
        itemStyle: { color: COLOURS.out },
        data: bars((bucket) => bucket.out),
      },
    ],
  };
}

function tooltip(buckets: readonly Bucket[], points: unknown, words: ChartWords): string {
  const [point] = points as { dataIndex: number }[];
  const bucket = buckets[point?.dataIndex ?? -1];
  if (bucket === undefined) return '';
  const share = `${percent(bucket.completeness ?? 0)} % ${words.observed}`;
  const gaps = bucket.gaps.map(({ reason, ms }) => `${words.gap(reason)}: ${Math.ceil(ms / 1000)} s`);
  const counts = bucket.observedMs === 0 ? [] : [`${words.in}: ${bucket.in}`, `${words.out}: ${bucket.out}`];
  const suspect = bucket.suspect.length > 0 ? [`⚠ ${words.suspect(bucket.suspect)}`] : [];
  const spread = bucket.spread ? [words.spread] : [];
  const label = `<strong>${words.label(bucket.start)}</strong>`;
  return [label, ...counts, ...spread, share, ...gaps, ...suspect].join('<br>');
}
