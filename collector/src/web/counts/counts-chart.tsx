import { useComputedColorScheme } from '@mantine/core';
import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bucket } from '../../schema/counts.js';
import { bucketLabel } from '../format.js';
import { chartOption } from './chart-option.js';

echarts.use([BarChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const HEIGHT = 300;

/** Bars of in and out over the grey of what was not observed. */
export function CountsChart(props: {
  buckets: readonly Bucket[];
  bucket: 'minute' | 'hour' | 'day';
  zone: string;
  title: string;
}) {
  const { t, i18n } = useTranslation();
  const dark = useComputedColorScheme('light') === 'dark';
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<echarts.ECharts>(undefined);
  useEffect(() => {
    if (element.current === null) return undefined;
    const made = echarts.init(element.current);
    chart.current = made;
    const resize = new ResizeObserver(() => made.resize());
    resize.observe(element.current);
    return () => {
      resize.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(
      chartOption(props.buckets, {
        in: t('camera.in'),
        out: t('camera.out'),
        notObserved: t('counts.notObserved'),
        observed: t('counts.observed'),
        people: t('counts.people'),
        label: (at) => bucketLabel(at, props.bucket, i18n.language, props.zone),
        gap: (reason) => t(`gap.${reason}`),
        suspect: (reasons) =>
          t('suspect.mark', { reasons: reasons.map((reason) => t(`suspect.${reason}`)).join(', ') }),
        spread: t('counts.spread'),
        dark,
      }),
      { notMerge: true },
    );
  }, [props.buckets, props.bucket, props.zone, t, i18n.language, dark]);
  return (
    <div
      ref={element}
      role="img"
      aria-label={props.title}
      data-testid="chart"
      style={{ height: HEIGHT, width: '100%' }}
    />
  );
}
