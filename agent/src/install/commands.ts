import { InvalidArgumentError, Option, type Command } from 'commander';
import { loadConfig } from '../config/config.js';
import { fingerprintOf } from './certificate.js';
import { hostFacts } from './host-facts.js';
import { htmlLabel, LABELS_PER_SHEET, statusUrls, textLabel, type Label } from './label.js';
import { CERTIFICATE_FILE, ensureCertificate, KEY_FILE } from './make-certificate.js';

/** Options of `label` as commander parses them. */
interface LabelOptions {
  readonly config: string;
  readonly html?: true;
  readonly withPin?: true;
  readonly support?: string;
  readonly copies: number;
}

/**
 * Add what is used once, when a gateway is set up: `make-certificate` and `label`.
 * @param config the option that names the configuration file
 */
export function addInstallCommands(root: Command, config: () => Option): void {
  root
    .command('make-certificate')
    .description("make the status page's certificate unless there is one, and print its fingerprint")
    .option('--dir <folder>', 'where the files go', '/etc/headcount')
    .option('--again', 'replace the one that is there; the label on the box must be printed anew')
    .action(runMakeCertificate);
  root
    .command('label')
    .description('print the label for the box: address, QR code, fingerprint (English and Vietnamese)')
    .addOption(config())
    .addOption(new Option('--text', 'for a terminal (default)').conflicts('html'))
    .option('--html', 'an A4 sheet for the printer')
    .option('--with-pin', 'with the PIN: only for boxes behind a locked door')
    .option('--support <line>', 'whom to call, such as "Facility desk, ext. 4711"')
    .option('--copies <n>', `labels on the sheet, 1 to ${LABELS_PER_SHEET}`, copiesOf, 1)
    .action(runLabel);
}

async function runMakeCertificate({ dir, again }: { dir: string; again?: true }): Promise<void> {
  const names = hostFacts();
  const result = await ensureCertificate({ folder: dir, names, again: again === true, now: Date.now() });
  print(
    result.made
      ? `made ${dir}/${CERTIFICATE_FILE} and ${dir}/${KEY_FILE}`
      : `kept ${dir}/${CERTIFICATE_FILE}`,
  );
  print(`SHA-256 fingerprint ${result.fingerprint}`);
}

function runLabel(options: LabelOptions): void {
  const { gateway, status, tls, pin } = loadConfig(options.config, process.env);
  const { mac, serial, ...box } = hostFacts();
  const label: Label = {
    gateway,
    urls: statusUrls({ host: status.host, port: status.port, secure: tls !== undefined }, box),
    fingerprint: tls && fingerprintOf(tls.certificate),
    pin: options.withPin ? pin : undefined,
    support: options.support,
    serial,
    mac,
  };
  print(options.html ? htmlLabel(label, options.copies) : textLabel(label));
}

function copiesOf(text: string): number {
  const copies = Number(text);
  if (!Number.isInteger(copies) || copies < 1 || copies > LABELS_PER_SHEET) {
    throw new InvalidArgumentError(`must be a whole number from 1 to ${LABELS_PER_SHEET}`);
  }
  return copies;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
