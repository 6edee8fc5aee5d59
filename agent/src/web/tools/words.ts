import type { DeviceProblem } from '../../discovery/worker-messages.js';

const en = {
  tools: 'Tools',
  selfTest: 'Test the way to the collector',
  selfTestRuns: 'Testing: 20 seconds at most…',
  selfTestGood: 'The way to the collector is fine.',
  selfTestBad: 'The way to the collector is blocked: see ▲ above.',
  step: 'Step',
  find: 'Find cameras in this network',
  finding: 'Calling for cameras: 4 seconds…',
  foundNone:
    'No camera answered. Is it in this network, and is ONVIF switched on in its settings? You can also type its address below.',
  found: 'Cameras that answered: {n}',
  counted: 'counted as {name}',
  cameraUser: 'User of the camera',
  cameraPassword: 'Password of the camera',
  askStreams: 'Show its streams',
  asking: 'Asking the camera…',
  offered: '{codec}, {width} x {height} pixels, {fps} frames per second',
  streamAddress: 'RTSP address',
  probe: 'Look at this stream',
  probeFine: 'Good for counting. Put this address into the configuration of the gateway.',
  kept: 'User and password are used for this question only and kept nowhere.',
  deviceProblems: {
    unauthorized: 'Wrong user or password, or ONVIF has a user of its own in the settings of this camera.',
    unreachable: 'The camera does not answer. Check its power and cable.',
    'not-understood': 'The camera answers something that cannot be understood. Type its RTSP address below.',
  } satisfies Record<DeviceProblem, string>,
  diagnostics: 'Download the diagnostics file',
  diagnosticsHelp: 'For support: configuration, state and log, without passwords and pictures. 5 MB at most.',
  stale: 'The gateway does not answer since {time}. What stands below is from then. Are you in its network?',
};

const vi: typeof en = {
  tools: 'Công cụ',
  selfTest: 'Kiểm tra đường tới máy chủ thu thập',
  selfTestRuns: 'Đang kiểm tra: tối đa 20 giây…',
  selfTestGood: 'Đường tới máy chủ thu thập thông suốt.',
  selfTestBad: 'Đường tới máy chủ thu thập bị chặn: xem dấu ▲ ở trên.',
  step: 'Bước',
  find: 'Tìm camera trong mạng này',
  finding: 'Đang gọi các camera: 4 giây…',
  foundNone:
    'Không camera nào trả lời. Camera có ở trong mạng này và đã bật ONVIF chưa? Bạn cũng có thể nhập địa chỉ bên dưới.',
  found: 'Số camera đã trả lời: {n}',
  counted: 'đang đếm với tên {name}',
  cameraUser: 'Người dùng của camera',
  cameraPassword: 'Mật khẩu của camera',
  askStreams: 'Xem các luồng',
  asking: 'Đang hỏi camera…',
  offered: '{codec}, {width} x {height} điểm ảnh, {fps} khung hình mỗi giây',
  streamAddress: 'Địa chỉ RTSP',
  probe: 'Xem thử luồng này',
  probeFine: 'Dùng tốt để đếm. Hãy ghi địa chỉ này vào cấu hình của gateway.',
  kept: 'Người dùng và mật khẩu chỉ dùng cho câu hỏi này, không lưu ở đâu cả.',
  deviceProblems: {
    unauthorized: 'Sai người dùng hoặc mật khẩu, hoặc ONVIF dùng người dùng riêng trong cài đặt của camera.',
    unreachable: 'Camera không trả lời. Kiểm tra nguồn và cáp.',
    'not-understood': 'Không hiểu được câu trả lời của camera. Hãy nhập địa chỉ RTSP bên dưới.',
  },
  diagnostics: 'Tải tệp chẩn đoán',
  diagnosticsHelp:
    'Cho bộ phận hỗ trợ: cấu hình, trạng thái và nhật ký, không có mật khẩu và hình. Tối đa 5 MB.',
  stale:
    'Gateway không trả lời từ {time}. Nội dung bên dưới là của lúc đó. Bạn có đang ở trong mạng của nó không?',
};

/** Words of the technician's tools, in both languages. */
export const TOOL_WORDS = { en, vi };
