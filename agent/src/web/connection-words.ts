import type { QualityGrade } from '../camera/quality.js';
import type { StreamAdvice } from '../decoder/stream-advice.js';
import type { CameraStatus } from '../status/agent-status.js';

const en = {
  quality: 'Connection: {grade}',
  qualityLine:
    '{share} % of the frames; lost {reconnects} times and without a picture {stalls} times in an hour',
  grades: { good: 'good', fair: 'fair', poor: 'poor', unusable: 'unusable' } satisfies Record<
    QualityGrade,
    string
  >,
  streamLine: 'Stream: {codec}, {width} x {height} pixels, {fps} frames per second',
  fellBack: 'The hardware ({wanted}) could not decode this stream. Software decodes it until the next start.',
  /** What to do, by cause; empty where nothing is to be done. */
  advice: {
    started: 'Wait a moment: the camera is being connected.',
    'first-frame': '',
    silent: 'The camera is connected but sends nothing. Restart the camera.',
    refused: 'The camera is there but refuses. Check its RTSP port and that RTSP is switched on.',
    unreachable: 'Check the power and the network cable of the camera, and its address.',
    'unknown-host':
      'No device has this name here. Use the IP address of the camera, or check the DNS server.',
    'no-rtsp': 'Something answers at this address, but not over RTSP. Check the port: usually 554.',
    unauthorized: "Wrong user or password. Correct the camera's credentials file.",
    forbidden: "This user may not see the stream. Give the user the right to view, in the camera's settings.",
    'not-found': 'The camera does not know this path. Check the RTSP address in its manual.',
    busy: 'The camera serves no more viewers. Close other viewers or recorders, or restart the camera.',
    'unsupported-stream': 'The camera sends no video that can be read. Set it to H.264.',
    'unsupported-codec': 'The camera sends an encoding that cannot be decoded. Set it to H.264.',
    'stream-ended': 'The camera ended the stream. If it comes again, restart the camera.',
    'decoder-failed': 'The video cannot be decoded. Set the camera to H.264 and look at the log.',
    'decode-errors':
      'The video arrives damaged. Check the cable and the switch; lower the bit rate of the camera.',
    frozen: 'The picture stands still. Restart the camera.',
    'cpu-pressure': 'This machine is too busy. Use the sub-stream of the camera, or lower its frame rate.',
    'clock-step': 'The clock of this machine was just set. Counts of this minute may be dated wrongly.',
    recovered: '',
    retry: 'Trying again now.',
    'configured-off': 'Switched off in the configuration.',
    stopped: 'The agent is stopping.',
  } satisfies Record<CameraStatus['cause'], string>,
  streamAdvice: {
    'use-sub-stream':
      'The camera sends {width} x {height} at {fps} frames per second. Decoding that costs {times} times as much as a ' +
      'sub-stream of 640 x 360: use it (often …/Streaming/Channels/102 or subtype=1).',
    'too-small':
      'The stream is {width} pixels wide, the model wants {needed}. Use a larger stream: small people are missed.',
    'lower-rate':
      'The camera sends {fps} frames per second, {wanted} are looked at. Set the camera to {wanted}.',
  } satisfies Record<StreamAdvice['code'], string>,
};

const vi: typeof en = {
  quality: 'Kết nối: {grade}',
  qualityLine: '{share} % số khung hình; trong một giờ mất kết nối {reconnects} lần, mất hình {stalls} lần',
  grades: { good: 'tốt', fair: 'khá', poor: 'kém', unusable: 'không dùng được' },
  streamLine: 'Luồng: {codec}, {width} x {height} điểm ảnh, {fps} khung hình mỗi giây',
  fellBack:
    'Phần cứng ({wanted}) không giải mã được luồng này. Dùng phần mềm để giải mã đến lần khởi động sau.',
  advice: {
    started: 'Chờ một chút: đang kết nối camera.',
    'first-frame': '',
    silent: 'Camera đã kết nối nhưng không gửi hình. Hãy khởi động lại camera.',
    refused: 'Camera từ chối kết nối. Kiểm tra cổng RTSP và bật RTSP trên camera.',
    unreachable: 'Kiểm tra nguồn điện, cáp mạng và địa chỉ của camera.',
    'unknown-host':
      'Không có thiết bị nào mang tên này. Dùng địa chỉ IP của camera, hoặc kiểm tra máy chủ DNS.',
    'no-rtsp': 'Có thiết bị trả lời ở địa chỉ này nhưng không phải RTSP. Kiểm tra cổng: thường là 554.',
    unauthorized: 'Sai tên hoặc mật khẩu. Sửa tệp thông tin đăng nhập của camera.',
    forbidden: 'Người dùng này không được xem luồng. Cấp quyền xem trong phần cài đặt của camera.',
    'not-found': 'Camera không có đường dẫn này. Xem địa chỉ RTSP trong tài liệu camera.',
    busy: 'Camera không phục vụ thêm người xem. Đóng các máy xem hoặc đầu ghi khác, hoặc khởi động lại camera.',
    'unsupported-stream': 'Camera không gửi video đọc được. Đặt camera về H.264.',
    'unsupported-codec': 'Camera gửi kiểu mã hóa không giải mã được. Đặt camera về H.264.',
    'stream-ended': 'Camera đã kết thúc luồng. Nếu lặp lại, hãy khởi động lại camera.',
    'decoder-failed': 'Không giải mã được video. Đặt camera về H.264 và xem nhật ký.',
    'decode-errors': 'Video nhận được bị hỏng. Kiểm tra cáp và bộ chuyển mạch; giảm tốc độ bit của camera.',
    frozen: 'Hình đứng yên. Hãy khởi động lại camera.',
    'cpu-pressure': 'Máy này quá tải. Dùng luồng phụ của camera hoặc giảm tốc độ khung hình.',
    'clock-step': 'Đồng hồ của máy vừa được chỉnh. Số đếm của phút này có thể sai giờ.',
    recovered: '',
    retry: 'Đang thử lại.',
    'configured-off': 'Đã tắt trong cấu hình.',
    stopped: 'Agent đang dừng.',
  },
  streamAdvice: {
    'use-sub-stream':
      'Camera gửi {width} x {height}, {fps} khung hình mỗi giây. Giải mã tốn gấp {times} lần luồng phụ 640 x 360: ' +
      'hãy dùng luồng phụ (thường là …/Streaming/Channels/102 hoặc subtype=1).',
    'too-small':
      'Luồng chỉ rộng {width} điểm ảnh, mô hình cần {needed}. Dùng luồng lớn hơn: người nhỏ sẽ bị bỏ sót.',
    'lower-rate': 'Camera gửi {fps} khung hình mỗi giây, chỉ {wanted} được xem. Đặt camera về {wanted}.',
  },
};

/** How a camera's stream comes and what to do about it, in both languages. */
export const CONNECTION_WORDS = { en, vi };
