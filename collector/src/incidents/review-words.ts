import type { ReviewStatus, Severity } from '../schema/incident-words.js';
import type { Impact } from '../schema/incidents.js';

/** Languages of what the collector writes for people. */
export type Language = 'en' | 'vi';

interface Words {
  readonly severity: Readonly<Record<Severity, string>>;
  readonly status: Readonly<Record<ReviewStatus, string>>;
  readonly at: string;
  readonly target: string;
  readonly detected: string;
  readonly acknowledged: string;
  readonly neverAcknowledged: string;
  readonly mitigated: string;
  readonly resolved: string;
  readonly impact: (impact: Impact) => string;
  readonly paged: string;
  readonly people: string;
  readonly nobody: string;
  readonly heading: Readonly<
    Record<
      | 'review'
      | 'summary'
      | 'rootCause'
      | 'contributing'
      | 'lessons'
      | 'wentWell'
      | 'actions'
      | 'timeline'
      | 'none',
      string
    >
  >;
  readonly owner: string;
  readonly due: string;
  readonly done: string;
  readonly verified: string;
  readonly open: string;
}

/** The words of drafts and exports. */
export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    severity: { critical: 'critical', high: 'high', medium: 'medium', low: 'low' },
    status: {
      ...{ draft: 'draft', in_review: 'in review', reviewed: 'reviewed', closed: 'closed', waived: 'waived' },
    },
    at: 'at',
    target: 'target',
    detected: 'Detected after',
    acknowledged: 'Acknowledged after',
    neverAcknowledged: 'Nobody acknowledged it.',
    mitigated: 'Mitigated after',
    resolved: 'Resolved after',
    impact: ({ cameras, camerasDark, missingCounts, unobservedMinutes }) =>
      `${camerasDark} of ${cameras} cameras did not count for some time; ${missingCounts} crossings are proven missing and ${unobservedMinutes} line minutes were not observed.`,
    paged: 'Paged:',
    people: 'Acted:',
    nobody: 'It ended without anybody.',
    heading: {
      ...{ review: 'Review of', summary: 'Summary', rootCause: 'Root cause', wentWell: 'What went well' },
      ...{ contributing: 'Contributing factors', actions: 'Action items', timeline: 'Timeline' },
      ...{ lessons: 'Lessons', none: 'Nothing written.' },
    },
    ...{ owner: 'owner', due: 'due', done: 'done by', verified: 'verified by', open: 'open' },
  },
  vi: {
    severity: { critical: 'nghiêm trọng', high: 'cao', medium: 'trung bình', low: 'thấp' },
    status: {
      ...{ draft: 'bản nháp', in_review: 'đang xem xét', reviewed: 'đã xem xét', closed: 'đã đóng' },
      waived: 'được miễn',
    },
    at: 'tại',
    target: 'mục tiêu',
    detected: 'Phát hiện sau',
    acknowledged: 'Tiếp nhận sau',
    neverAcknowledged: 'Không ai tiếp nhận.',
    mitigated: 'Giảm thiểu sau',
    resolved: 'Giải quyết sau',
    impact: ({ cameras, camerasDark, missingCounts, unobservedMinutes }) =>
      `${camerasDark} trong ${cameras} camera có lúc không đếm; chứng minh được thiếu ${missingCounts} lượt qua và ${unobservedMinutes} phút vạch không được quan sát.`,
    paged: 'Đã gọi:',
    people: 'Người xử lý:',
    nobody: 'Sự cố tự kết thúc.',
    heading: {
      ...{ review: 'Đánh giá sau sự cố', summary: 'Tóm tắt', rootCause: 'Nguyên nhân gốc' },
      ...{ wentWell: 'Điều đã làm tốt', contributing: 'Yếu tố góp phần', actions: 'Việc cần làm' },
      ...{ timeline: 'Dòng thời gian', lessons: 'Bài học', none: 'Chưa viết gì.' },
    },
    ...{ owner: 'phụ trách', due: 'hạn', done: 'xong bởi', verified: 'kiểm chứng bởi', open: 'chưa xong' },
  },
};

const UNITS = {
  en: { d: 'd', h: 'h', min: 'min', s: 's' },
  vi: { d: 'ngày', h: 'giờ', min: 'phút', s: 'giây' },
} as const;

/** A length of time in its two largest units, such as "1 h 5 min". @param ms 0 or more */
export function spanOf(ms: number, language: Language): string {
  const units = UNITS[language];
  const seconds = Math.floor(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), units.d],
    [Math.floor(seconds / 3600) % 24, units.h],
    [Math.floor(seconds / 60) % 60, units.min],
    [seconds % 60, units.s],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return `0 ${units.s}`;
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}
