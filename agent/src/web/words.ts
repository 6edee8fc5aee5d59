import type { CameraStatus } from '../status/agent-status.js';
import { AUDIT_WORDS } from './audit/words.js';
import { CONNECTION_WORDS } from './connection-words.js';
import { DRAW_WORDS } from './draw/words.js';
import { SCENE_WORDS } from './scene/words.js';
import { TOOL_WORDS } from './tools/words.js';

const en = {
  ...AUDIT_WORDS.en,
  ...DRAW_WORDS.en,
  ...SCENE_WORDS.en,
  ...CONNECTION_WORDS.en,
  ...TOOL_WORDS.en,
  title: 'Gateway',
  logOut: 'Log out',
  unreachable: 'The gateway does not answer. Are you in its network?',
  configProblem: 'The configuration was changed, but cannot be used; the one before goes on. {problem}',
  host: 'This machine',
  hostLine: 'CPU {cpu} %, memory {memory} %, disk {disk}',
  hostNone: 'No measurement yet',
  timeHere: 'Its time: {time}',
  version: 'Agent {version}, started {time}',
  frames: '{fps} of {wanted} frames per second, {skipped} skipped',
  needed: 'Frames per second that the lines need: {n}',
  neededNone: 'Frames per second that the lines need: no rate is enough',
  lastFrame: 'Last picture {time}',
  inView: '{n} in view',
  in: 'In',
  out: 'Out',
  line: 'Line',
  sinceStart: 'Totals since this gateway was set up',
  zone: 'Zone',
  inside: 'Inside',
  waiting: 'Waiting',
  entries: 'Entered',
  exits: 'Left',
  zonesNow: 'People in the zones now; who entered and left since this gateway was set up',
  capacity: '{n} of {capacity}',
  over: 'over capacity',
  drawing: 'What would count better',
  address: 'Address: {address}',
  noPicture: 'No picture yet',
  pictureOf: 'Live picture of {name}',
  retry: 'Next attempt {time}, sooner if the camera answers again',
  states: {
    connecting: 'Connecting',
    streaming: 'Counting',
    stalled: 'No picture',
    backoff: 'Lost, trying again',
    disabled: 'Switched off',
  } satisfies Record<CameraStatus['state'], string>,
};

const vi: typeof en = {
  ...AUDIT_WORDS.vi,
  ...DRAW_WORDS.vi,
  ...SCENE_WORDS.vi,
  ...CONNECTION_WORDS.vi,
  ...TOOL_WORDS.vi,
  title: 'Gateway',
  logOut: 'Đăng xuất',
  unreachable: 'Gateway không trả lời. Bạn có đang ở trong mạng của nó không?',
  configProblem: 'Cấu hình vừa đổi nhưng không dùng được; vẫn chạy cấu hình trước. {problem}',
  host: 'Máy này',
  hostLine: 'CPU {cpu} %, bộ nhớ {memory} %, ổ đĩa {disk}',
  hostNone: 'Chưa có số đo',
  timeHere: 'Giờ của máy: {time}',
  version: 'Agent {version}, khởi động lúc {time}',
  frames: '{fps}/{wanted} khung hình mỗi giây, bỏ qua {skipped}',
  needed: 'Số khung hình mỗi giây mà các vạch cần: {n}',
  neededNone: 'Số khung hình mỗi giây mà các vạch cần: không mức nào đủ',
  lastFrame: 'Hình gần nhất {time}',
  inView: '{n} người trong khung hình',
  in: 'Vào',
  out: 'Ra',
  line: 'Vạch đếm',
  sinceStart: 'Tổng số từ khi cài đặt gateway',
  zone: 'Khu vực',
  inside: 'Bên trong',
  waiting: 'Đang chờ',
  entries: 'Đã vào',
  exits: 'Đã ra',
  zonesNow: 'Số người trong khu vực hiện tại; số lượt vào và ra từ khi cài đặt gateway',
  capacity: '{n}/{capacity}',
  over: 'vượt sức chứa',
  drawing: 'Cách để đếm chính xác hơn',
  address: 'Địa chỉ: {address}',
  noPicture: 'Chưa có hình',
  pictureOf: 'Hình trực tiếp của {name}',
  retry: 'Thử lại lúc {time}, sớm hơn nếu camera trả lời lại',
  states: {
    connecting: 'Đang kết nối',
    streaming: 'Đang đếm',
    stalled: 'Mất hình',
    backoff: 'Mất tín hiệu, đang thử lại',
    disabled: 'Đã tắt',
  },
};

/** The texts of the page in both languages. */
export const WORDS = { en, vi };
/** A language of the page. */
export type Language = keyof typeof WORDS;

export { fill } from '../words/fill.js';
