import { readSecret } from '@headcount/shared';
import { z } from 'zod';
import { phoneSchema } from '../schema/contacts.js';
import { CHANNEL_KINDS } from '../schema/notification-words.js';
import { timeZoneSchema } from '../schema/sites.js';

const file = (what: string, variable: string) =>
  z.string().min(1).optional().describe(`file that holds ${what}, or the variable ${variable}`);

/** How people are notified; a channel works where its section stands. */
export const notifySchema = z
  .strictObject({
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional()
      .describe('address by which people reach the console; messages carry no links without it'),
    timeZone: timeZoneSchema.optional().describe('zone of the weekly test; timeZone where it is missing'),
    weeklyTest: z
      .array(
        z.strictObject({
          kind: z.enum(CHANNEL_KINDS),
          address: z.string().min(1).max(500),
          language: z.enum(['en', 'vi']).default('en'),
        }),
      )
      .max(50)
      .default([])
      .describe('who gets a test page on Monday at 10:00; name one for each channel'),
    announce: z
      .array(
        z.strictObject({
          kind: z.enum(['email', 'slack', 'discord', 'webhook']),
          address: z.string().min(1).max(500),
          language: z.enum(['en', 'vi']).default('en'),
        }),
      )
      .max(20)
      .default([])
      .describe('who is told of maintenance a day before, at its begin and at its end'),
    email: z
      .strictObject({
        from: z.string().min(3).max(320).describe('sender, such as Headcount <headcount@example.com>'),
        urlFile: file('the URL of a mail server, such as smtps://user:password@mail.example', 'SMTP_URL'),
      })
      .optional(),
    slack: z
      .strictObject({
        botTokenFile: file("an app's bot token (xoxb-…)", 'SLACK_BOT_TOKEN'),
        webhookUrlFile: file('the URL of an incoming webhook', 'SLACK_WEBHOOK_URL'),
        signingSecretFile: file("an app's signing secret, for its buttons", 'SLACK_SIGNING_SECRET'),
      })
      .optional(),
    discord: z
      .strictObject({ webhookUrlFile: file('the URL of a webhook', 'DISCORD_WEBHOOK_URL') })
      .optional(),
    twilio: z
      .strictObject({
        accountSid: z.string().regex(/^AC[0-9a-f]{32}$/, 'must be the SID of an account: AC and 32 digits'),
        from: phoneSchema.describe('the number that sends SMS and calls'),
        authTokenFile: file("the account's auth token", 'TWILIO_AUTH_TOKEN'),
        apiUrl: z
          .url({ protocol: /^https?$/ })
          .optional()
          .describe('where the account is kept elsewhere than in the United States'),
      })
      .optional(),
    webhook: z
      .strictObject({ secretFile: file('the key of the signatures', 'NOTIFY_WEBHOOK_SECRET') })
      .optional(),
    ping: z
      .strictObject({ urlFile: file("the URL of a dead man's switch elsewhere", 'NOTIFY_PING_URL') })
      .optional()
      .describe(
        'asked every minute while notifications work; whoever is not asked any more raises the alarm',
      ),
  })
  .prefault({});

export type NotifyConfig = Readonly<z.infer<typeof notifySchema>>;

/** What the section's files and variables hold; nothing of it may be shown. */
export interface NotifySecrets {
  readonly smtpUrl?: string;
  readonly slackBotToken?: string;
  readonly slackWebhookUrl?: string;
  readonly slackSigningSecret?: string;
  readonly discordWebhookUrl?: string;
  readonly twilioAuthToken?: string;
  readonly webhookSecret?: string;
  readonly pingUrl?: string;
}

/** A secret of a section: where its file is named, the variable instead, and what it must look like. */
interface SecretForm {
  readonly section: 'email' | 'slack' | 'discord' | 'twilio' | 'webhook' | 'ping';
  readonly field: string;
  readonly variable: string;
  readonly fits: RegExp;
  readonly example: string;
  /** Whether the section is of no use without it. */
  readonly needed: boolean;
}

const URL_FORM = { fits: /^https?:\/\/\S+$/, example: 'a URL that begins with https://' };
const SECRETS: Readonly<Record<keyof NotifySecrets, SecretForm>> = {
  smtpUrl: {
    ...{ section: 'email', field: 'urlFile', variable: 'SMTP_URL', needed: true },
    ...{ fits: /^smtps?:\/\/\S+$/, example: 'a URL such as smtps://user:password@mail.example' },
  },
  slackBotToken: {
    ...{ section: 'slack', field: 'botTokenFile', variable: 'SLACK_BOT_TOKEN', needed: false },
    ...{ fits: /^xox\S+$/, example: 'a token that begins with xoxb-' },
  },
  slackWebhookUrl: {
    ...{
      section: 'slack',
      field: 'webhookUrlFile',
      variable: 'SLACK_WEBHOOK_URL',
      needed: false,
      ...URL_FORM,
    },
  },
  slackSigningSecret: {
    ...{ section: 'slack', field: 'signingSecretFile', variable: 'SLACK_SIGNING_SECRET', needed: false },
    ...{ fits: /^\S{16,}$/, example: "the signing secret of the app's basic information" },
  },
  discordWebhookUrl: {
    ...{ section: 'discord', field: 'webhookUrlFile', variable: 'DISCORD_WEBHOOK_URL', needed: false },
    ...URL_FORM,
  },
  twilioAuthToken: {
    ...{ section: 'twilio', field: 'authTokenFile', variable: 'TWILIO_AUTH_TOKEN', needed: true },
    ...{ fits: /^\S{16,}$/, example: 'the auth token of the account' },
  },
  webhookSecret: {
    ...{ section: 'webhook', field: 'secretFile', variable: 'NOTIFY_WEBHOOK_SECRET', needed: true },
    ...{ fits: /^\S{32,}$/, example: 'at least 32 characters that nobody guesses (openssl rand -hex 32)' },
  },
  pingUrl: {
    ...{ section: 'ping', field: 'urlFile', variable: 'NOTIFY_PING_URL', needed: true, ...URL_FORM },
  },
};

/** Read what the sections that are there need. No message repeats a secret. */
export function readNotifySecrets(
  config: NotifyConfig,
  env: NodeJS.ProcessEnv,
  problem: (path: string[], message: string) => void,
): NotifySecrets {
  const secrets: Partial<Record<keyof NotifySecrets, string>> = {};
  for (const [name, form] of Object.entries(SECRETS) as [keyof NotifySecrets, SecretForm][]) {
    const section = config[form.section] as Readonly<Record<string, string | undefined>> | undefined;
    if (section === undefined) continue;
    const path = ['notify', form.section, form.field];
    const given = section[form.field];
    if (!form.needed && given === undefined && env[form.variable] === undefined) continue;
    const read = readSecret(given, form.variable, env);
    if ('problem' in read) problem(path, read.problem);
    else if (form.fits.test(read.secret)) secrets[name] = read.secret;
    else problem(path, `is not what it should be; put in ${form.example}`);
  }
  const { slackBotToken, slackWebhookUrl } = secrets;
  if (config.slack !== undefined && slackBotToken === undefined && slackWebhookUrl === undefined)
    problem(
      ['notify', 'slack'],
      'has no way in; name botTokenFile or webhookUrlFile, or set SLACK_BOT_TOKEN or SLACK_WEBHOOK_URL',
    );
  return secrets;
}
