import type { NotifyConfig, NotifySecrets } from '../config/notify.js';
import { EmailChannel } from './channels/email.js';
import type { Channels } from './message.js';

/** The channels that the configuration sets up. */
export function channelsOf(config: NotifyConfig, secrets: NotifySecrets): Channels {
  const { smtpUrl } = secrets;
  return {
    ...(config.email !== undefined &&
      smtpUrl !== undefined && { email: new EmailChannel({ url: smtpUrl, from: config.email.from }) }),
  };
}
