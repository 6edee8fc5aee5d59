import { z } from 'zod';
import type { TypedLogin } from './worker-messages.js';

const text = z.string().max(2000);
const matchSchema = z.object({
  probeMatches: z.object({
    probeMatch: z.object({
      endpointReference: z.object({ address: text }),
      scopes: text.catch(''),
      XAddrs: text,
    }),
  }),
});

/** A camera that answered to the call into the network. */
export interface FoundDevice {
  /** Its own name for itself; the same over all networks. */
  readonly id: string;
  readonly name: string;
  readonly model: string;
  /** IP address from which the answer came. */
  readonly address: string;
  /** Address of its ONVIF service. */
  readonly service: string;
}

/**
 * A device from its answer; undefined for an answer that cannot be used. The service is always taken at the address
 * from which the answer came: an answer must not send the technician's login somewhere else.
 */
export function deviceOf(data: unknown, from: string): FoundDevice | undefined {
  const parsed = matchSchema.safeParse(data);
  if (!parsed.success) return undefined;
  const { endpointReference, scopes, XAddrs } = parsed.data.probeMatches.probeMatch;
  const services = XAddrs.split(/\s+/)
    .filter((address) => URL.canParse(address))
    .map((address) => new URL(address))
    .filter(({ protocol }) => protocol === 'http:' || protocol === 'https:');
  const service = services.find(({ hostname }) => hostname === from) ?? services[0];
  if (service === undefined) return undefined;
  service.hostname = from;
  service.username = service.password = '';
  return {
    id: endpointReference.address.slice(0, 200),
    name: scope(scopes, 'name'),
    model: scope(scopes, 'hardware'),
    address: from,
    service: service.href,
  };
}

/** What a device says about itself, for example onvif://www.onvif.org/name/Front%20door (ONVIF Core, 7.3.3.2). */
function scope(scopes: string, kind: string): string {
  const value = new RegExp(`onvif://www\\.onvif\\.org/${kind}/(\\S+)`, 'i').exec(scopes)?.[1] ?? '';
  try {
    return decodeURIComponent(value).slice(0, 100);
  } catch {
    return value.slice(0, 100);
  }
}

const label = z.coerce.string().max(200).catch('');
const size = z.coerce.number().int().min(1).max(32_768).nullable().catch(null);
const streamsSchema = z.object({
  device: z.object({ manufacturer: label, model: label, firmwareVersion: label }).partial().catch({}),
  streams: z
    .array(
      z.object({
        name: label,
        uri: z.string().max(2000),
        encoder: z
          .object({
            encoding: label,
            resolution: z.object({ width: size, height: size }).catch({ width: null, height: null }),
            rateControl: z.object({ frameRateLimit: size }).catch({ frameRateLimit: null }),
          })
          .nullable()
          .catch(null),
      }),
    )
    .max(8),
});

/** A stream that a camera offers, as it announces it; null where it does not say. */
export interface OfferedStream {
  readonly name: string;
  /** rtsp:// or rtsps://, without credentials. */
  readonly url: string;
  readonly codec: string | null;
  /** Pixels. */
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
}

/** What a camera says about itself and its streams. */
export interface DeviceStreams {
  readonly model: string;
  readonly firmware: string;
  readonly streams: readonly OfferedStream[];
}

/** The streams of an answer without any credentials; undefined for an answer that cannot be used. */
export function streamsOf(data: unknown, login: TypedLogin | undefined): DeviceStreams | undefined {
  const parsed = streamsSchema.safeParse(data);
  if (!parsed.success) return undefined;
  const { device, streams } = parsed.data;
  return {
    model: [device.manufacturer, device.model].filter(Boolean).join(' '),
    firmware: device.firmwareVersion ?? '',
    streams: streams
      .filter(({ uri }) => URL.canParse(uri) && /^rtsps?:$/.test(new URL(uri).protocol))
      .map(({ name, uri, encoder }) => ({
        name,
        url: withoutLogin(uri, login),
        codec: encoder?.encoding ?? null,
        width: encoder?.resolution.width ?? null,
        height: encoder?.resolution.height ?? null,
        fps: encoder?.rateControl.frameRateLimit ?? null,
      })),
  };
}

/** Some cameras write the login into the address, before the host or as a parameter. */
function withoutLogin(uri: string, login: TypedLogin | undefined): string {
  const url = new URL(uri);
  url.username = url.password = '';
  const { password = '' } = login ?? {};
  if (password === '') return url.href;
  return url.href.replaceAll(password, '***').replaceAll(encodeURIComponent(password), '***');
}
