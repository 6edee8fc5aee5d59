import type { Verdict, VerdictCode } from '../status/verdicts.js';

/** What a verdict says, and what to do next; empty when nothing is to be done. */
type Words = Record<VerdictCode, readonly [says: string, next: string]>;

const en: Words = {
  'camera-fine': ['All cameras send pictures ({n})', ''],
  'camera-bad': ['Without picture: {names}', 'Scroll to the camera: it says what to do.'],
  'camera-impaired': ['Counts, but not as it should: {names}', 'Scroll to the camera: it says what to do.'],
  'counting-fine': ['Counting, {n} people in view', ''],
  'counting-waits': ['Nothing is counted', 'First make a camera work.'],
  'counting-slow': [
    'Too few frames: {names}',
    'Lower the frame rate or use the sub-stream of the camera; this machine is too busy.',
  ],
  'counting-suspect': ['Wrong picture: {names}', 'Scroll to the camera: it says what to do.'],
  'counting-advice': [
    'Could count better: {names}',
    'Read the advice below the picture and draw the line anew.',
  ],
  'clock-fine': ['The clock follows a time server', ''],
  'clock-unset': [
    'No time server has set the clock since this machine started',
    'Allow NTP (UDP port 123) in this network, or name a time server in it.',
  ],
  'clock-wrong': [
    'The clock and the time server are {ms} ms apart',
    'Wait 15 minutes. If it stays, check that only one time server is set and that it is right.',
  ],
  'clock-unknown': [
    'This machine does not tell whether its clock is right',
    'Compare the time below with your phone.',
  ],
  'clock-waits': [
    '{n} records wait until a time server sets the clock, 10 minutes at most',
    'Allow NTP (UDP port 123) in this network, or name a time server in it.',
  ],
  'storage-fine': ['Everything has been sent', ''],
  'storage-waiting': ['{n} records are kept here until the collector answers', ''],
  'storage-merged': [
    '{n} records are kept here until the collector answers, the older counts by quarter hours and hours',
    '',
  ],
  'storage-dropped': [
    'The collector has been away for so long that {dropped} of the oldest records had to go',
    'Connect this gateway to the collector now, and tell its operator that old counts are missing.',
  ],
  'storage-damaged': [
    'The store was damaged; what could be read went on ({quarantined} damaged files are kept)',
    'The disk may be failing: replace it soon. Send the diagnostics file to support.',
  ],
  'storage-full': ['The disk is {percent} % full', 'Free space on the disk, or counts will be refused soon.'],
  'storage-refused': [
    'The disk refuses to write; {held} records wait in memory',
    'Free space or replace the disk. Do not switch this machine off before.',
  ],
  'uplink-fine': ['Connected', ''],
  'uplink-connecting': ['Connecting…', 'Wait a moment.'],
  'uplink-password': [
    'The collector refuses the login of this gateway',
    'Enrol it again with a new code, or correct the password file. Counts are kept here.',
  ],
  'uplink-refused': [
    'The collector is not running at the configured address',
    'Check address and port, and start the collector. Counts are kept here and sent later.',
  ],
  'uplink-name': [
    'The name of the collector is not known in this network',
    'Check the name and the DNS server. Counts are kept here and sent later.',
  ],
  'uplink-certificate': [
    'The certificate of the collector is not accepted',
    'Run the self-test: it says what is wrong with it. Counts are kept here.',
  ],
  'uplink-network': [
    'The collector cannot be reached',
    'Check the network cable, then run the self-test. Counts are kept here and sent later.',
  ],
  'uplink-lost': [
    'The connection to the collector was lost',
    'It is tried again by itself. If it stays so, run the self-test. Counts are kept here.',
  ],
};

const vi: Words = {
  'camera-fine': ['Tất cả camera đều có hình ({n})', ''],
  'camera-bad': ['Không có hình: {names}', 'Kéo xuống camera đó: ở đấy có cách xử lý.'],
  'camera-impaired': ['Vẫn đếm nhưng chưa tốt: {names}', 'Kéo xuống camera đó: ở đấy có cách xử lý.'],
  'counting-fine': ['Đang đếm, {n} người trong hình', ''],
  'counting-waits': ['Không đếm gì', 'Trước hết hãy làm cho một camera hoạt động.'],
  'counting-slow': [
    'Quá ít khung hình: {names}',
    'Giảm tốc độ khung hình hoặc dùng luồng phụ của camera; máy này quá tải.',
  ],
  'counting-suspect': ['Hình không đúng: {names}', 'Kéo xuống camera đó: ở đấy có cách xử lý.'],
  'counting-advice': ['Có thể đếm tốt hơn: {names}', 'Đọc lời khuyên dưới hình và vẽ lại vạch.'],
  'clock-fine': ['Đồng hồ theo máy chủ thời gian', ''],
  'clock-unset': [
    'Chưa có máy chủ thời gian nào chỉnh đồng hồ từ khi máy này khởi động',
    'Cho phép NTP (cổng UDP 123) trong mạng này, hoặc đặt một máy chủ thời gian của mạng.',
  ],
  'clock-wrong': [
    'Đồng hồ và máy chủ thời gian lệch nhau {ms} ms',
    'Chờ 15 phút. Nếu vẫn lệch, hãy kiểm tra chỉ đặt một máy chủ thời gian và máy chủ đó đúng giờ.',
  ],
  'clock-unknown': [
    'Máy này không cho biết đồng hồ có đúng không',
    'So giờ bên dưới với điện thoại của bạn.',
  ],
  'clock-waits': [
    '{n} bản ghi đang chờ máy chủ thời gian chỉnh đồng hồ, tối đa 10 phút',
    'Cho phép NTP (cổng UDP 123) trong mạng này, hoặc đặt một máy chủ thời gian trong mạng.',
  ],
  'storage-fine': ['Đã gửi hết dữ liệu', ''],
  'storage-waiting': ['{n} bản ghi được giữ tại đây đến khi máy chủ thu thập trả lời', ''],
  'storage-merged': [
    '{n} bản ghi được giữ tại đây đến khi máy chủ thu thập trả lời, số đếm cũ được gộp theo 15 phút và theo giờ',
    '',
  ],
  'storage-dropped': [
    'Máy chủ thu thập vắng quá lâu, đã phải bỏ {dropped} bản ghi cũ nhất',
    'Hãy nối gateway này với máy chủ thu thập ngay và báo người vận hành rằng thiếu số đếm cũ.',
  ],
  'storage-damaged': [
    'Kho dữ liệu đã bị hỏng; phần đọc được vẫn dùng tiếp (giữ {quarantined} tệp hỏng)',
    'Ổ đĩa có thể sắp hỏng: hãy thay sớm. Gửi tệp chẩn đoán cho bộ phận hỗ trợ.',
  ],
  'storage-full': ['Ổ đĩa đã đầy {percent} %', 'Giải phóng dung lượng, nếu không sắp không ghi được số đếm.'],
  'storage-refused': [
    'Ổ đĩa không ghi được; {held} bản ghi đang chờ trong bộ nhớ',
    'Giải phóng dung lượng hoặc thay ổ đĩa. Đừng tắt máy trước đó.',
  ],
  'uplink-fine': ['Đã kết nối', ''],
  'uplink-connecting': ['Đang kết nối…', 'Chờ một chút.'],
  'uplink-password': [
    'Máy chủ thu thập từ chối đăng nhập của gateway này',
    'Ghi danh lại bằng mã mới, hoặc sửa tệp mật khẩu. Số đếm được giữ tại đây.',
  ],
  'uplink-refused': [
    'Máy chủ thu thập không chạy tại địa chỉ đã cấu hình',
    'Kiểm tra địa chỉ, số cổng và khởi động máy chủ thu thập. Số đếm được giữ tại đây và gửi sau.',
  ],
  'uplink-name': [
    'Mạng này không biết tên của máy chủ thu thập',
    'Kiểm tra tên và máy chủ DNS. Số đếm được giữ tại đây và gửi sau.',
  ],
  'uplink-certificate': [
    'Chứng chỉ của máy chủ thu thập không được chấp nhận',
    'Chạy tự kiểm tra để biết lỗi ở đâu. Số đếm được giữ tại đây.',
  ],
  'uplink-network': [
    'Không tới được máy chủ thu thập',
    'Kiểm tra cáp mạng rồi chạy tự kiểm tra. Số đếm được giữ tại đây và gửi sau.',
  ],
  'uplink-lost': [
    'Mất kết nối với máy chủ thu thập',
    'Máy tự thử lại. Nếu vẫn mất, hãy chạy tự kiểm tra. Số đếm được giữ tại đây.',
  ],
};

/** Verdicts in both languages. */
export const VERDICT_WORDS = { en, vi };

/** Names of the five questions. */
export const SUBJECT_WORDS: Record<'en' | 'vi', Record<Verdict['subject'], string>> = {
  en: { camera: 'Cameras', counting: 'Counting', clock: 'Clock', storage: 'Storage', uplink: 'Collector' },
  vi: { camera: 'Camera', counting: 'Đếm', clock: 'Đồng hồ', storage: 'Lưu trữ', uplink: 'Máy chủ thu thập' },
};
