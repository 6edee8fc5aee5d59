/** Why the login was refused, and the number that belongs to it: attempts left, or seconds to wait. */
export interface LoginProblem {
  readonly kind: 'wrong' | 'locked' | 'foreign';
  readonly n: number;
}

interface LoginWords extends Record<LoginProblem['kind'], (n: number) => string> {
  readonly title: string;
  readonly pin: string;
  readonly logIn: string;
  readonly where: string;
}

const en: LoginWords = {
  title: 'Headcount gateway',
  pin: 'PIN of this gateway',
  logIn: 'Log in',
  where: 'The PIN stands on the label of the gateway, or in its PIN file.',
  wrong: (n) => `Wrong PIN; ${n} ${n === 1 ? 'attempt' : 'attempts'} left.`,
  locked: (n) => `Too many wrong PINs; try again in ${n} s.`,
  foreign: () => 'Another page sent this login; type the PIN here.',
};

const vi: LoginWords = {
  title: 'Gateway Headcount',
  pin: 'Mã PIN của gateway này',
  logIn: 'Đăng nhập',
  where: 'Mã PIN có trên nhãn của gateway, hoặc trong tệp PIN của nó.',
  wrong: (n) => `Sai mã PIN; còn ${n} lần thử.`,
  locked: (n) => `Nhập sai quá nhiều lần; thử lại sau ${n} giây.`,
  foreign: () => 'Trang khác đã gửi lần đăng nhập này; hãy nhập mã PIN tại đây.',
};

/** The texts of the login page in both languages. */
export const LOGIN_WORDS = { en, vi };
