import type { SceneCondition } from '@headcount/shared';

type Conditions = Record<SceneCondition, string>;

/** Words about what is wrong with a picture, in both languages. */
export const SCENE_WORDS = {
  en: {
    conditions: {
      frozen: 'The picture is frozen. Restart the camera.',
      black: 'The picture is black. Is the lens covered or the light off?',
      overexposed: 'The picture is too bright. Set the exposure of the camera.',
      covered: 'Something stands before the lens. Take it away.',
      defocused: 'The picture is out of focus. Clean the lens, then focus it.',
      moved: 'The camera has moved. Turn it back, or draw the lines anew.',
    } satisfies Conditions,
    suspect: 'What is counted meanwhile is marked as doubtful.',
    accept: 'This picture is right',
    acceptHelp: 'Only if the camera looks where it should: the gateway learns the picture anew, two minutes.',
    learning: 'The gateway is learning what this picture looks like.',
  },
  vi: {
    conditions: {
      frozen: 'Hình bị đứng. Hãy khởi động lại camera.',
      black: 'Hình đen. Ống kính bị che hay đèn tắt?',
      overexposed: 'Hình quá sáng. Hãy chỉnh độ phơi sáng của camera.',
      covered: 'Có vật che ống kính. Hãy bỏ vật đó ra.',
      defocused: 'Hình mất nét. Lau ống kính rồi chỉnh nét.',
      moved: 'Camera đã bị xê dịch. Xoay lại như cũ hoặc vẽ lại vạch.',
    } satisfies Conditions,
    suspect: 'Số đếm trong thời gian này bị đánh dấu là đáng ngờ.',
    accept: 'Hình này đúng',
    acceptHelp: 'Chỉ khi camera nhìn đúng chỗ: gateway học lại hình trong hai phút.',
    learning: 'Gateway đang học hình của camera này.',
  },
};
