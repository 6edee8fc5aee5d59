import type { NotifyConfig, NotifySecrets } from '../config/notify.js';
import { DiscordChannel } from './channels/discord.js';
import { EmailChannel } from './channels/email.js';
import { SlackChannel } from './channels/slack.js';
import { SmsChannel, VoiceChannel } from './channels/twilio.js';
import { WebhookChannel } from './channels/webhook.js';
import type { Channels } from './message.js';

/** The channels that the configuration sets up. @param now UTC ms */
export function channelsOf(config: NotifyConfig, secrets: NotifySecrets, now: () => number): Channels {
  const { email, slack, discord, twilio, publicUrl } = config;
  const { smtpUrl, twilioAuthToken: authToken, webhookSecret: secret } = secrets;
  const account = twilio !== undefined && authToken !== undefined && { ...twilio, authToken, publicUrl };
  return {
    ...(email !== undefined &&
      smtpUrl !== undefined && { email: new EmailChannel({ url: smtpUrl, from: email.from }) }),
    ...(slack !== undefined && {
      slack: new SlackChannel({
        botToken: secrets.slackBotToken,
        webhookUrl: secrets.slackWebhookUrl,
        interactive: secrets.slackSigningSecret !== undefined,
      }),
    }),
    ...(discord !== undefined && { discord: new DiscordChannel({ webhookUrl: secrets.discordWebhookUrl }) }),
    ...(account && { sms: new SmsChannel(account), voice: new VoiceChannel(account) }),
    ...(secret !== undefined && { webhook: new WebhookChannel({ secret, now }) }),
  };
}
