import type { Step, StepCode } from './steps.js';

/** What a step says, and what to do next; empty when nothing is to be done. */
type Words = Record<StepCode, readonly [says: string, next: string]>;

const en: Words = {
  'dns-fine': ['{host} is {addresses}', ''],
  'dns-not-needed': ['The collector is given by its address: {host}', ''],
  'dns-unknown': [
    'Nobody knows the name {host}',
    'Check the name in the configuration, and the DNS server of this network.',
  ],
  'dns-failed': ['The DNS server does not answer ({reason})', 'Check the network cable and the DNS server.'],
  'time-fine': ['{server} answers; the clock is {ms} ms off', ''],
  'time-off': [
    'The clock is {ms} ms off {server}',
    'Counts get wrong times. Wait a few minutes; if it stays, restart the time service.',
  ],
  'time-silent': ['{server} gives no time', 'Allow NTP (UDP port 123) from this gateway.'],
  'time-not-configured': [
    'Not tested: this machine names no time server',
    'Compare its time on this page with your phone.',
  ],
  'tcp-fine': ['{host} port {port} is open', ''],
  'tcp-refused': [
    'Nothing listens at {host} port {port}',
    'Check the port in the configuration, and whether the collector runs.',
  ],
  'tcp-silent': [
    '{host} port {port} does not answer',
    'Ask the network administrator to open this port for this gateway.',
  ],
  'tcp-failed': [
    '{host} port {port} cannot be reached ({reason})',
    'Check the network cable, the gateway address and the route.',
  ],
  'tls-fine': ['Certificate of {host} is trusted, {days} days left', ''],
  'tls-soon': ['Certificate of {host} ends on {until}', 'Tell the operator of the collector to renew it.'],
  'tls-not-used': ['Not tested: this connection is not encrypted (mqtt://)', ''],
  'tls-untrusted': [
    'Certificate from "{issuer}" is not trusted ({reason})',
    'Something may intercept the connection, or this gateway lacks the certificate of the collector: enrol it again.',
  ],
  'tls-name': [
    'Certificate is for {names}, not for {host}',
    'Use one of these names in the configuration, or renew the certificate of the collector.',
  ],
  'tls-expired': [
    'Certificate ended on {until}',
    'Tell the operator of the collector to renew it; check the clock of this gateway too.',
  ],
  'tls-not-yet': [
    'Certificate is valid from {from} only',
    'The clock of this gateway is wrong: see the step "Time".',
  ],
  'tls-failed': [
    'The encrypted connection fails ({reason})',
    'Check that this port of the collector speaks TLS (mqtts).',
  ],
  'login-fine': ['The collector knows this gateway', ''],
  'login-refused': [
    'The collector refuses the password of this gateway',
    'Correct the password file, or add the gateway at the collector again.',
  ],
  'login-silent': [
    'The collector takes the connection and says nothing',
    'Look at the log of the collector.',
  ],
  'login-failed': [
    'The login fails: {reason}',
    'Run the self-test again; if it stays, send the diagnostics file to support.',
  ],
  'round-trip-fine': ['The collector answers after {ms} ms', ''],
  'round-trip-silent': [
    'The collector does not answer in time',
    'The line is slow or overloaded: run the self-test again later.',
  ],
  earlier: ['Not tested: a step before it failed', ''],
  late: ['No result within {seconds} s', 'Run the self-test again; if it stays, check the network.'],
};

const vi: Words = {
  'dns-fine': ['{host} là {addresses}', ''],
  'dns-not-needed': ['Máy chủ thu thập được cho bằng địa chỉ: {host}', ''],
  'dns-unknown': ['Không ai biết tên {host}', 'Kiểm tra tên này trong cấu hình và máy chủ DNS của mạng.'],
  'dns-failed': ['Máy chủ DNS không trả lời ({reason})', 'Kiểm tra cáp mạng và máy chủ DNS.'],
  'time-fine': ['{server} trả lời; đồng hồ lệch {ms} ms', ''],
  'time-off': [
    'Đồng hồ lệch {ms} ms so với {server}',
    'Số đếm sẽ mang giờ sai. Chờ vài phút; nếu vẫn lệch, hãy khởi động lại dịch vụ thời gian.',
  ],
  'time-silent': ['{server} không cho giờ', 'Cho phép NTP (cổng UDP 123) từ gateway này.'],
  'time-not-configured': [
    'Chưa kiểm tra: máy này không khai báo máy chủ thời gian',
    'So giờ của máy trên trang này với điện thoại của bạn.',
  ],
  'tcp-fine': ['{host} cổng {port} đang mở', ''],
  'tcp-refused': [
    'Không có gì nghe tại {host} cổng {port}',
    'Kiểm tra số cổng trong cấu hình và máy chủ thu thập có đang chạy không.',
  ],
  'tcp-silent': ['{host} cổng {port} không trả lời', 'Nhờ quản trị mạng mở cổng này cho gateway.'],
  'tcp-failed': [
    'Không tới được {host} cổng {port} ({reason})',
    'Kiểm tra cáp mạng, địa chỉ và đường đi của gateway.',
  ],
  'tls-fine': ['Chứng chỉ của {host} đáng tin, còn {days} ngày', ''],
  'tls-soon': ['Chứng chỉ của {host} hết hạn ngày {until}', 'Báo người vận hành máy chủ thu thập gia hạn.'],
  'tls-not-used': ['Chưa kiểm tra: kết nối này không mã hóa (mqtt://)', ''],
  'tls-untrusted': [
    'Chứng chỉ do "{issuer}" cấp không đáng tin ({reason})',
    'Có thể có kẻ chặn kết nối, hoặc gateway thiếu chứng chỉ của máy chủ thu thập: hãy ghi danh lại.',
  ],
  'tls-name': [
    'Chứng chỉ dành cho {names}, không phải cho {host}',
    'Dùng một trong các tên này trong cấu hình, hoặc cấp lại chứng chỉ cho máy chủ thu thập.',
  ],
  'tls-expired': [
    'Chứng chỉ đã hết hạn ngày {until}',
    'Báo người vận hành máy chủ thu thập gia hạn; kiểm tra cả đồng hồ của gateway.',
  ],
  'tls-not-yet': ['Chứng chỉ chỉ có hiệu lực từ {from}', 'Đồng hồ của gateway sai: xem bước "Thời gian".'],
  'tls-failed': [
    'Kết nối mã hóa thất bại ({reason})',
    'Kiểm tra cổng này của máy chủ thu thập có dùng TLS (mqtts) không.',
  ],
  'login-fine': ['Máy chủ thu thập nhận ra gateway này', ''],
  'login-refused': [
    'Máy chủ thu thập từ chối mật khẩu của gateway này',
    'Sửa tệp mật khẩu, hoặc thêm lại gateway trên máy chủ thu thập.',
  ],
  'login-silent': ['Máy chủ thu thập nhận kết nối nhưng không nói gì', 'Xem nhật ký của máy chủ thu thập.'],
  'login-failed': [
    'Đăng nhập thất bại: {reason}',
    'Chạy lại tự kiểm tra; nếu vẫn lỗi, gửi tệp chẩn đoán cho bộ phận hỗ trợ.',
  ],
  'round-trip-fine': ['Máy chủ thu thập trả lời sau {ms} ms', ''],
  'round-trip-silent': [
    'Máy chủ thu thập không trả lời kịp',
    'Đường truyền chậm hoặc quá tải: hãy chạy lại sau.',
  ],
  earlier: ['Chưa kiểm tra: một bước trước đó thất bại', ''],
  late: ['Không có kết quả trong {seconds} giây', 'Chạy lại tự kiểm tra; nếu vẫn lỗi, kiểm tra mạng.'],
};

/** Results of the self-test in both languages. */
export const STEP_RESULT_WORDS = { en, vi };

/** Names of the steps. */
export const STEP_WORDS: Record<'en' | 'vi', Record<Step, string>> = {
  en: {
    dns: 'Name (DNS)',
    time: 'Time (NTP)',
    tcp: 'Connection (TCP)',
    tls: 'Certificate (TLS)',
    login: 'Login (MQTT)',
    'round-trip': 'Answer of the collector',
  },
  vi: {
    dns: 'Tên miền (DNS)',
    time: 'Thời gian (NTP)',
    tcp: 'Kết nối (TCP)',
    tls: 'Chứng chỉ (TLS)',
    login: 'Đăng nhập (MQTT)',
    'round-trip': 'Trả lời của máy chủ thu thập',
  },
};
