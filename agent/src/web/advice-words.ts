import type { Advice, Edge } from '../counter/advice.js';
import { fill, type Language } from './words.js';

type Anchor = Extract<Advice, { code: 'edge-too-close' }>['anchor'];

interface AdviceWords {
  /** With placeholders {part}, {edge}, {body}, {percent}, {side}, {needed} and {configured}. */
  readonly texts: Record<Advice['code'], string>;
  readonly line: string;
  readonly part: string;
  readonly edges: Record<Edge, string>;
  readonly bodies: Record<Anchor, string>;
  readonly sides: Record<'height' | 'width', string>;
}

const en: AdviceWords = {
  texts: {
    'edge-too-close':
      "{part} is too close to the {edge} edge, where people's {body} cannot be followed to its other side: move it at least {percent} % of the picture {side} away from the {edge} edge",
    'people-too-large':
      'people are too large in the picture for {part}: mount the camera farther away or use a wider lens',
    'line-too-short':
      'the line is shorter than a person is wide: make it at least {percent} % of the picture width long',
    'no-rate-enough':
      'people who run across the line are gone before they are counted, at any frame rate: move it towards the middle of the picture',
    'raise-fps':
      'people who run across the line need {needed} frames per second, and the camera is set to {configured}: raise fps to {needed}',
    'rate-too-low':
      "people who run across the line need {needed} frames per second, and fewer are counted: check the camera's own frame rate and the load of this machine",
    'zone-too-narrow':
      'the zone is narrower than a person is wide: draw it larger, or people are in and out at every step',
  },
  line: 'the line',
  part: 'part {n} of the line',
  edges: { left: 'left', right: 'right', upper: 'upper', lower: 'lower' },
  bodies: { 'bottom-centre': 'feet', centre: 'middle', head: 'head' },
  sides: { height: 'height', width: 'width' },
};

const vi: AdviceWords = {
  texts: {
    'edge-too-close':
      '{part} quá gần mép {edge}, không theo được {body} của người đi sang phía bên kia: hãy dời vào ít nhất {percent} % {side} khung hình tính từ mép {edge}',
    'people-too-large':
      'người trong hình quá lớn so với {part}: lắp camera xa hơn hoặc dùng ống kính góc rộng hơn',
    'line-too-short':
      'vạch ngắn hơn bề ngang một người: hãy vẽ dài ít nhất {percent} % chiều rộng khung hình',
    'no-rate-enough':
      'người chạy qua vạch đã khuất trước khi kịp đếm, với mọi tốc độ khung hình: hãy dời vạch vào giữa hình',
    'raise-fps':
      'người chạy qua vạch cần {needed} khung hình mỗi giây, camera đang đặt {configured}: hãy tăng fps lên {needed}',
    'rate-too-low':
      'người chạy qua vạch cần {needed} khung hình mỗi giây nhưng số được đếm ít hơn: kiểm tra tốc độ khung hình của camera và tải của máy này',
    'zone-too-narrow':
      'khu vực hẹp hơn bề ngang một người: hãy vẽ rộng hơn, nếu không mỗi bước chân là một lượt vào ra',
  },
  line: 'vạch',
  part: 'đoạn {n} của vạch',
  edges: { left: 'trái', right: 'phải', upper: 'trên', lower: 'dưới' },
  bodies: { 'bottom-centre': 'bàn chân', centre: 'phần giữa', head: 'đầu' },
  sides: { height: 'chiều cao', width: 'chiều rộng' },
};

/** Advice words in both languages. */
export const ADVICE_WORDS = { en, vi };

/** What should be drawn or set differently, as a sentence. */
export function adviceText(advice: Advice, language: Language): string {
  const { texts } = ADVICE_WORDS[language];
  return fill(texts[advice.code], valuesOf(advice, ADVICE_WORDS[language]));
}

function valuesOf(advice: Advice, words: AdviceWords): Record<string, string | number> {
  if (!('part' in advice)) return { ...advice };
  const part = advice.part === null ? words.line : fill(words.part, { n: advice.part });
  if (advice.code === 'people-too-large') return { part };
  const { edge, anchor, percent } = advice;
  const side = words.sides[edge === 'upper' || edge === 'lower' ? 'height' : 'width'];
  return { part, edge: words.edges[edge], body: words.bodies[anchor], side, percent };
}
