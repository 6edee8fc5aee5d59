import type { Language } from '../incidents/review-words.js';
import type { Severity } from '../schema/incident-words.js';
import type { ChannelKind } from '../schema/notification-words.js';
import type { Proposal } from '../schema/reports.js';

interface Words {
  readonly title: string;
  readonly severities: string;
  readonly severityColumns: readonly string[];
  readonly severity: Readonly<Record<Severity, string>>;
  readonly pages: string;
  readonly pagesSum: (pages: number, night: number) => string;
  readonly noPages: string;
  readonly peopleColumns: readonly string[];
  readonly nights: string;
  readonly nightColumns: readonly string[];
  readonly noNights: string;
  readonly loud: string;
  readonly nightRule: string;
  readonly removed: string;
  readonly channel: Readonly<Record<ChannelKind, string>>;
  readonly actionable: string;
  readonly actionableColumns: readonly string[];
  readonly ofIncidents: string;
  readonly ofPages: string;
  readonly actionableRule: string;
  readonly rules: string;
  readonly ruleColumns: readonly string[];
  readonly noRules: string;
  readonly proposals: string;
  readonly noProposals: string;
  readonly proposal: (proposal: Proposal, length: (seconds: number) => string) => string;
}

/** The words of a report on paper. */
export const REPORT_WORDS: Readonly<Record<Language, Words>> = {
  en: {
    title: 'On-call report',
    severities: 'Response against targets',
    severityColumns: ['Severity', 'Incidents', 'In time', 'Late', 'Target', 'MTTA', 'MTTR'],
    severity: { critical: 'critical', high: 'high', medium: 'medium', low: 'low' },
    pages: 'Pages by person',
    pagesSum: (pages, night) => `${pages} pages, ${night} of them at night.`,
    noPages: 'Nobody was paged.',
    peopleColumns: ['Person', 'Pages', 'Incidents', 'At night', 'Nights', 'Loud nights', 'Messages'],
    nights: 'Nights with pages',
    nightColumns: ['Night of', 'Person', 'Zone', 'Pages', 'Incidents', 'Messages', ''],
    noNights: 'Nobody was paged at night.',
    loud: 'too many',
    nightRule:
      "A night is 22:00 to 07:00 on the clock of the person's schedule, else of the site. More than 2 pages are too many (SRE book, chapter 11).",
    removed: '(removed contact)',
    channel: {
      ...{ email: 'e-mail', slack: 'Slack', discord: 'Discord', sms: 'SMS', voice: 'call' },
      webhook: 'webhook',
    },
    actionable: 'Was there something to do?',
    actionableColumns: ['', 'Acted on', 'Looked at only', 'Over by itself, untouched', 'Open', 'Actionable'],
    ofIncidents: 'Incidents',
    ofPages: 'Pages for them',
    actionableRule:
      'Acted on: acknowledged, and a step ticked, mitigated, resolved by hand, or an action item. Actionable: the share of these of all that are over.',
    rules: 'Noisiest rules',
    ruleColumns: ['Rule', 'Alerts', 'Incidents', 'Pages', 'Untouched', 'Flaps', 'Median'],
    noRules: 'No alert fired.',
    proposals: 'Proposals',
    noProposals: 'No rule sent a page.',
    proposal: ({ forSeconds, pages, incidents, acted, better, why }, length) => {
      if (better !== null)
        return `for ${length(better.forSeconds)} instead of ${length(forSeconds)} would have sent ${better.pages} pages instead of ${pages} (incidents: ${better.incidents} instead of ${incidents}), and ${acted === 0 ? 'nobody had acted on any of them' : `none of the ${acted} acted on would have been missed`}; each would have been told ${length(better.forSeconds - forSeconds)} later.`;
      return why === 'no-history'
        ? 'what it measures is not kept as history; watch it instead.'
        : `no longer time would have saved a page without missing one of the ${acted} acted on; look at what causes it.`;
    },
  },
  vi: {
    title: 'Báo cáo trực',
    severities: 'Thời gian phản hồi so với mục tiêu',
    severityColumns: ['Mức độ', 'Sự cố', 'Đúng hạn', 'Trễ', 'Mục tiêu', 'MTTA', 'MTTR'],
    severity: { critical: 'nghiêm trọng', high: 'cao', medium: 'trung bình', low: 'thấp' },
    pages: 'Lượt gọi theo người',
    pagesSum: (pages, night) => `${pages} lượt gọi, trong đó ${night} lượt vào ban đêm.`,
    noPages: 'Không ai bị gọi.',
    peopleColumns: ['Người', 'Lượt gọi', 'Sự cố', 'Ban đêm', 'Số đêm', 'Đêm quá tải', 'Tin nhắn'],
    nights: 'Các đêm có lượt gọi',
    nightColumns: ['Đêm', 'Người', 'Múi giờ', 'Lượt gọi', 'Sự cố', 'Tin nhắn', ''],
    noNights: 'Không ai bị gọi vào ban đêm.',
    loud: 'quá nhiều',
    nightRule:
      'Đêm là 22:00 đến 07:00 theo giờ của lịch trực của người đó, nếu không có thì theo giờ của điểm. Quá 2 lượt gọi là quá nhiều (sách SRE, chương 11).',
    removed: '(liên hệ đã xóa)',
    channel: {
      ...{ email: 'e-mail', slack: 'Slack', discord: 'Discord', sms: 'SMS', voice: 'cuộc gọi' },
      webhook: 'webhook',
    },
    actionable: 'Có việc phải làm không?',
    actionableColumns: ['', 'Đã xử lý', 'Chỉ xem', 'Tự hết, không ai động đến', 'Đang mở', 'Đáng xử lý'],
    ofIncidents: 'Sự cố',
    ofPages: 'Lượt gọi cho chúng',
    actionableRule:
      'Đã xử lý: đã tiếp nhận, rồi đánh dấu một bước, giảm thiểu, giải quyết bằng tay, hoặc ghi việc cần làm. Đáng xử lý: tỷ lệ của chúng trong tất cả sự cố đã kết thúc.',
    rules: 'Quy tắc ồn nhất',
    ruleColumns: ['Quy tắc', 'Cảnh báo', 'Sự cố', 'Lượt gọi', 'Không ai động đến', 'Chập chờn', 'Trung vị'],
    noRules: 'Không có cảnh báo nào.',
    proposals: 'Đề xuất',
    noProposals: 'Không quy tắc nào gửi lượt gọi.',
    proposal: ({ forSeconds, pages, incidents, acted, better, why }, length) => {
      if (better !== null)
        return `chờ ${length(better.forSeconds)} thay vì ${length(forSeconds)} thì đã gửi ${better.pages} lượt gọi thay vì ${pages} (sự cố: ${better.incidents} thay vì ${incidents}), và ${acted === 0 ? 'không ai xử lý sự cố nào trong số đó' : `không bỏ sót sự cố nào trong ${acted} sự cố đã xử lý`}; mỗi sự cố được báo muộn hơn ${length(better.forSeconds - forSeconds)}.`;
      return why === 'no-history'
        ? 'số liệu của nó không được lưu lại; hãy theo dõi trực tiếp.'
        : `không thời gian chờ nào dài hơn bớt được lượt gọi mà không bỏ sót sự cố trong ${acted} sự cố đã xử lý; hãy tìm nguyên nhân.`;
    },
  },
};
