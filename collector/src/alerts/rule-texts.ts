import type { Text } from './rule.js';

interface Texts {
  readonly title: Text;
  readonly meaning: Text;
}

function texts(title: readonly [en: string, vi: string], meaning: readonly [en: string, vi: string]): Texts {
  const of = ([en, vi]: readonly [string, string]): Text => ({ en, vi });
  return { title: of(title), meaning: of(meaning) };
}

/** Title and meaning of every default rule, in the languages of the console. */
export const RULE_TEXTS = {
  'gateway-offline': texts(
    ['Gateway offline', 'Gateway mất kết nối'],
    ['Nothing has been heard of the gateway for 90 seconds.', 'Không nhận được gì từ gateway trong 90 giây.'],
  ),
  'site-uplink-down': texts(
    ['Site cut off', 'Địa điểm mất kết nối'],
    [
      'Most gateways of the site went silent at the same time: its line is down.',
      'Hầu hết gateway của địa điểm im lặng cùng lúc: đường truyền bị đứt.',
    ],
  ),
  'gateway-flapping': texts(
    ['Gateway keeps reconnecting', 'Gateway kết nối lại liên tục'],
    [
      'The gateway has logged in at least four times within an hour.',
      'Gateway đã đăng nhập ít nhất bốn lần trong một giờ.',
    ],
  ),
  'gateway-clock-skew': texts(
    ['Gateway clock is wrong', 'Đồng hồ gateway sai'],
    [
      'The clock is more than two seconds off or no time server has set it, so counts may stand in the wrong minute.',
      'Đồng hồ lệch hơn hai giây hoặc chưa được máy chủ thời gian đồng bộ, số đếm có thể rơi vào sai phút.',
    ],
  ),
  'gateway-backlog': texts(
    ['Gateway is behind', 'Gateway bị tồn dữ liệu'],
    [
      'The gateway waits to send more than ten minutes of counts.',
      'Gateway còn chờ gửi hơn mười phút dữ liệu đếm.',
    ],
  ),
  'camera-offline': texts(
    ['Camera offline', 'Camera mất hình'],
    [
      'The camera sends no picture, so nobody is counted there.',
      'Camera không gửi hình, không ai được đếm ở đó.',
    ],
  ),
  'camera-degraded': texts(
    ['Camera is unsteady', 'Camera không ổn định'],
    [
      'The camera reconnects or stalls so often that counts have gaps.',
      'Camera kết nối lại hoặc đứng hình thường xuyên đến mức số đếm bị thiếu.',
    ],
  ),
  'camera-frozen': texts(
    ['Camera picture is frozen', 'Hình camera bị đứng'],
    ['Frames arrive but they are all the same.', 'Khung hình vẫn đến nhưng đều giống nhau.'],
  ),
  'camera-tamper': texts(
    ['Camera moved or covered', 'Camera bị xoay hoặc bị che'],
    [
      'The picture is not what it was at the last acceptance; only a person who accepts it ends this.',
      'Hình không còn như lần chấp nhận gần nhất; chỉ kết thúc khi có người chấp nhận hình mới.',
    ],
  ),
  'camera-slo-burn': texts(
    ['Camera misses its uptime target', 'Camera không đạt mục tiêu thời gian hoạt động'],
    [
      'The camera is down so much that its 99 % of four weeks will not be kept.',
      'Camera ngừng nhiều đến mức không giữ được 99 % trong bốn tuần.',
    ],
  ),
  'count-silence': texts(
    ['Nobody is counted', 'Không đếm được ai'],
    [
      'No one has crossed for half an hour at a time when at least twenty people an hour are usual.',
      'Không ai đi qua trong nửa giờ, vào lúc thường có ít nhất hai mươi người mỗi giờ.',
    ],
  ),
  'count-anomaly': texts(
    ['Counts look wrong', 'Số đếm bất thường'],
    [
      'Counts are far from what is usual, do not add up, or are missing.',
      'Số đếm khác xa bình thường, không khớp, hoặc bị thiếu.',
    ],
  ),
  'accuracy-fail': texts(
    ['Audit failed', 'Kiểm tra không đạt'],
    [
      'People who counted by hand found that the line is right less than 95 % of the time.',
      'Người đếm tay thấy vạch này đúng dưới 95 %.',
    ],
  ),
  'accuracy-due': texts(
    ['Audit is due', 'Đến hạn kiểm tra'],
    [
      'Nobody has checked the line in the last hundred days or since it was changed.',
      'Chưa ai kiểm tra vạch này trong một trăm ngày qua hoặc từ khi nó thay đổi.',
    ],
  ),
  'host-cpu-thermal': texts(
    ['Host is hot or busy', 'Máy quá nóng hoặc quá tải'],
    [
      'The processor is at its limit, too hot, or slowed down by heat.',
      'Bộ xử lý chạy hết mức, quá nóng, hoặc bị giảm tốc vì nóng.',
    ],
  ),
  'host-memory': texts(
    ['Host is short of memory', 'Máy sắp hết bộ nhớ'],
    ['More than 90 % of the memory is used.', 'Đã dùng hơn 90 % bộ nhớ.'],
  ),
  'host-disk': texts(
    ['Disk is filling up', 'Ổ đĩa sắp đầy'],
    ['The disk is almost full or will be soon.', 'Ổ đĩa gần đầy hoặc sẽ sớm đầy.'],
  ),
  'collector-api-burn': texts(
    ['API fails too often', 'API lỗi quá nhiều'],
    [
      'So many answers fail that 99.9 % of the month will not be kept.',
      'Nhiều phản hồi lỗi đến mức không giữ được 99,9 % trong tháng.',
    ],
  ),
  'collector-latency': texts(
    ['Collector is slow', 'Collector phản hồi chậm'],
    ['Answers take longer than 200 ms on average.', 'Phản hồi trung bình lâu hơn 200 ms.'],
  ),
  'collector-ingest-down': texts(
    ['No gateway is heard', 'Không nghe thấy gateway nào'],
    [
      'Nothing has come from any gateway for two minutes.',
      'Không có gì đến từ bất kỳ gateway nào trong hai phút.',
    ],
  ),
  'broker-down': texts(
    ['Broker is down', 'Broker ngừng hoạt động'],
    ['Messages do not come through the broker.', 'Tin nhắn không đi qua được broker.'],
  ),
  'broker-slow-consumers': texts(
    ['Gateways read too slowly', 'Gateway đọc quá chậm'],
    [
      'Connections are ended because they do not take what is sent to them.',
      'Kết nối bị ngắt vì không nhận kịp dữ liệu được gửi.',
    ],
  ),
  'db-slow': texts(
    ['Database is slow', 'Cơ sở dữ liệu chậm'],
    ['Writes take longer than 100 ms, or the log grows.', 'Ghi lâu hơn 100 ms, hoặc nhật ký phình to.'],
  ),
  'db-corrupt': texts(
    ['Database is damaged', 'Cơ sở dữ liệu bị hỏng'],
    ['Pages of the database do not fit together.', 'Các trang của cơ sở dữ liệu không khớp nhau.'],
  ),
  'outbox-stuck': texts(
    ['Pages are stuck', 'Thông báo trực bị kẹt'],
    ['Urgent notifications wait for more than a minute.', 'Thông báo khẩn phải chờ hơn một phút.'],
  ),
  'oncall-gap': texts(
    ['Nobody on call', 'Không có người trực'],
    [
      'Part of the next two weeks has nobody who can be reached.',
      'Một phần hai tuần tới không có ai liên lạc được.',
    ],
  ),
  'pager-test-failed': texts(
    ['Test page failed', 'Thử thông báo thất bại'],
    ['The weekly test page was not acknowledged.', 'Thông báo thử hằng tuần không được xác nhận.'],
  ),
  'backup-late-or-unverified': texts(
    ['Backup is late', 'Sao lưu bị trễ'],
    [
      'The last backup is too old or was never restored as a test.',
      'Bản sao lưu quá cũ hoặc chưa từng được thử khôi phục.',
    ],
  ),
  'restore-failed': texts(
    ['Test restore failed', 'Thử khôi phục thất bại'],
    ['A backup could not be restored to what it was.', 'Không khôi phục được bản sao lưu như ban đầu.'],
  ),
  'cert-or-cred-expiring': texts(
    ['Certificate or token expires', 'Chứng chỉ hoặc mã truy cập sắp hết hạn'],
    [
      'A certificate or token ends soon, or a token has not been used for 90 days.',
      'Chứng chỉ hoặc mã truy cập sắp hết hạn, hoặc mã truy cập không được dùng trong 90 ngày.',
    ],
  ),
  'auth-attack': texts(
    ['Somebody guesses passwords', 'Có người dò mật khẩu'],
    ['Many logins failed in ten minutes.', 'Nhiều lần đăng nhập thất bại trong mười phút.'],
  ),
  'privilege-change': texts(
    ['Rights were changed', 'Quyền bị thay đổi'],
    [
      'Somebody became an administrator or lost the second factor, or the audit log was tampered with; a person must look at it.',
      'Có người trở thành quản trị viên, bị gỡ lớp xác thực thứ hai, hoặc nhật ký kiểm toán bị sửa; cần người xem lại.',
    ],
  ),
  'vuln-overdue': texts(
    ['Vulnerability is overdue', 'Lỗ hổng quá hạn xử lý'],
    ['A known vulnerability was not fixed in time.', 'Lỗ hổng đã biết chưa được sửa đúng hạn.'],
  ),
  'procedure-missed': texts(
    ['Checklist was missed', 'Bỏ lỡ công việc định kỳ'],
    [
      'A periodic checklist or review is past its due date.',
      'Công việc hoặc đợt rà soát định kỳ đã quá hạn.',
    ],
  ),
  deadman: texts(
    ['Collector is dead', 'Collector đã dừng'],
    [
      'The watcher outside has not been told for three minutes that pages go out.',
      'Hệ thống giám sát bên ngoài không được báo trong ba phút rằng thông báo trực vẫn gửi được.',
    ],
  ),
} as const satisfies Record<string, Texts>;
