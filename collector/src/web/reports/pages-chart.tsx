import { useComputedColorScheme } from '@mantine/core';
import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReportPerson } from '../../schema/reports.js';

echarts.use([BarChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** People of one chart; the table below has all of them. */
const MOST = 12;
const ROW_PX = 34;

/** Pages of each person, by day and at night. */
export function PagesChart({ people }: { people: readonly ReportPerson[] }) {
  const { t } = useTranslation();
  const dark = useComputedColorScheme('light') === 'dark';
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (element.current === null) return undefined;
    const shown = people.slice(0, MOST);
    const chart = echarts.init(element.current);
    const ink = dark ? '#e0e0e0' : '#333333';
    const grey = { lineStyle: { color: dark ? '#555555' : '#dddddd' } };
    chart.setOption({
      animation: false,
      grid: { left: 8, right: 16, top: 32, bottom: 8, containLabel: true },
      legend: { top: 0, left: 0, textStyle: { color: ink } },
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
      xAxis: { type: 'value', minInterval: 1, axisLabel: { color: ink }, splitLine: grey },
      yAxis: {
        ...{ type: 'category', inverse: true, axisLabel: { color: ink, width: 110, overflow: 'truncate' } },
        data: shown.map(({ person }) => person ?? t('reports.removed')),
      },
      series: [
        bar(t('reports.by-day'), '#1c7ed6', shown, ({ pages, nightPages }) => pages - nightPages),
        bar(t('reports.at-night'), dark ? '#9775fa' : '#5f3dc4', shown, ({ nightPages }) => nightPages),
      ],
    });
    const resize = new ResizeObserver(() => chart.resize());
    resize.observe(element.current);
    return () => {
      resize.disconnect();
      chart.dispose();
    };
  }, [people, dark, t]);
  return (
    <div
      ref={element}
      role="img"
      aria-label={t('reports.chart')}
      data-testid="pages-chart"
      style={{ height: 60 + ROW_PX * Math.min(people.length, MOST), width: '100%' }}
    />
  );
}

function bar(
  name: string,
  color: string,
  people: readonly ReportPerson[],
  valueOf: (person: ReportPerson) => number,
) {
  return { type: 'bar', stack: 'pages', name, color, barMaxWidth: 18, data: people.map(valueOf) };
}
