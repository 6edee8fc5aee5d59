import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import type { GatewayNames } from './certificate.js';

/** Where Linux keeps a box's serial number: x86 firmware (readable by root only), device tree on ARM boards. */
const SERIAL_FILES = ['/sys/class/dmi/id/product_serial', '/proc/device-tree/serial-number'];
/** What boards say whose maker has put nothing there. */
const NO_SERIAL = /^(|0+|none|default string|to be filled by o\.e\.m\.|system serial number|not specified)$/i;

/** What identifies the box on which this runs. */
export interface HostFacts extends GatewayNames {
  /** Hardware address of the first network port, or undefined where there is none. */
  readonly mac: string | undefined;
  /** The maker's serial number, or undefined where the box does not tell it. */
  readonly serial: string | undefined;
}

/** Look at this box. */
export function hostFacts(): HostFacts {
  const ports = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return { hostname: hostname().split('.')[0] ?? '', serial: serialNumber(), ...addressesOf(ports) };
}

/** Addresses that another machine can reach: no loopback, no link-local ones, which need a zone in the URL. */
export function addressesOf(
  ports: readonly Pick<NetworkInterfaceInfo, 'address' | 'internal' | 'mac'>[],
): Pick<HostFacts, 'addresses' | 'mac'> {
  const outer = ports.filter(({ internal }) => !internal);
  const addresses = outer
    .map(({ address }) => address)
    .filter((address) => !/^(fe80:|169\.254\.)/i.test(address));
  return { addresses: [...new Set(addresses)], mac: outer.find(({ mac }) => !/^(00:)+00$/.test(mac))?.mac };
}

function serialNumber(): string | undefined {
  for (const file of SERIAL_FILES) {
    try {
      const text = readFileSync(file, 'utf8').replaceAll('\0', '').trim();
      if (!NO_SERIAL.test(text)) return text.slice(0, 60);
    } catch {
      // Not on this kind of box, or not for this user: the label has the hardware address as well.
    }
  }
  return undefined;
}
