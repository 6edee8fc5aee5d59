import { createHash, randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Group and port of WS-Discovery (SOAP over UDP, WS-Discovery 1.0, section 2.4). */
const GROUP = '239.255.255.250';
const PORT = 3702;
const SOAP = 'xmlns:s="http://www.w3.org/2003/05/soap-envelope"';

/** What the device says about itself. */
export interface OnvifDeviceOptions {
  readonly name: string;
  readonly model: string;
  readonly user: string;
  readonly password: string;
  /** rtsp:// addresses of its main stream and its sub-stream. */
  readonly streams: readonly { readonly name: string; readonly url: string }[];
  /** Answers every question with this instead, for a device that has gone mad. */
  readonly garbage?: string;
}

/**
 * A small ONVIF camera on loopback: it answers the WS-Discovery call into the multicast group and, over SOAP, what a
 * recorder asks first. Everything but the time needs a WS-Security password digest (UsernameToken profile 1.0).
 */
export class OnvifDevice {
  private readonly options: OnvifDeviceOptions;
  private readonly http: Server;
  private readonly udp: Socket;
  private readonly id = `urn:uuid:${randomUUID()}`;
  /** Questions that were refused because of a wrong or missing login. */
  refused = 0;

  private constructor(options: OnvifDeviceOptions) {
    this.options = options;
    this.http = createServer((request, response) => void this.answer(request, response));
    this.udp = createSocket({ type: 'udp4', reuseAddr: true });
  }

  static async start(options: OnvifDeviceOptions): Promise<OnvifDevice> {
    const device = new OnvifDevice(options);
    device.http.listen(0, '127.0.0.1');
    await once(device.http, 'listening');
    device.udp.on('message', (question, { address, port }) => {
      const call = /MessageID[^>]*>([^<]+)</.exec(question.toString())?.[1];
      if (call !== undefined && address === '127.0.0.1')
        device.udp.send(options.garbage ?? device.match(call), port, address);
    });
    device.udp.bind(PORT);
    await once(device.udp, 'listening');
    device.udp.addMembership(GROUP, '127.0.0.1');
    return device;
  }

  /** Address of its ONVIF service. */
  get service(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/onvif/device_service`;
  }

  async stop(): Promise<void> {
    this.udp.close();
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, 'close');
  }

  private match(call: string): string {
    const { name, model } = this.options;
    const scopes = [
      'onvif://www.onvif.org/type/video_encoder',
      `onvif://www.onvif.org/name/${encodeURIComponent(name)}`,
      `onvif://www.onvif.org/hardware/${encodeURIComponent(model)}`,
    ];
    return `<?xml version="1.0"?><s:Envelope ${SOAP} xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Header><a:RelatesTo>${call}</a:RelatesTo></s:Header>
<s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>${this.id}</a:Address></a:EndpointReference>
<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>${scopes.join(' ')}</d:Scopes>
<d:XAddrs>http://198.51.100.9/onvif/device_service ${this.service}</d:XAddrs>
<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>`;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let question = '';
    for await (const chunk of request) question += String(chunk);
    const action = /<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(question)?.[1] ?? '';
    response.setHeader('content-type', 'application/soap+xml');
    if (this.options.garbage !== undefined) {
      response.end(this.options.garbage);
      return;
    }
    if (action !== 'GetSystemDateAndTime' && !this.isAllowed(question)) {
      this.refused += 1;
      response.statusCode = 400;
      response.end(envelope(NOT_AUTHORIZED));
      return;
    }
    const token = /<ProfileToken>([^<]*)</.exec(question)?.[1] ?? '';
    response.end(envelope(this.answerTo(action, token)));
  }

  private answerTo(action: string, token: string): string {
    const { model, streams } = this.options;
    switch (action) {
      case 'GetSystemDateAndTime':
        return dateAndTime(new Date());
      case 'GetServices':
        return `<d:GetServicesResponse>${['device', 'media'].map((kind) => this.offered(kind)).join('')}</d:GetServicesResponse>`;
      case 'GetDeviceInformation':
        return `<d:GetDeviceInformationResponse><d:Manufacturer>Headcount</d:Manufacturer><d:Model>${model}</d:Model>
<d:FirmwareVersion>1.2.3</d:FirmwareVersion></d:GetDeviceInformationResponse>`;
      case 'GetProfiles':
        return `<m:GetProfilesResponse>${streams.map(({ name }, index) => profile(name, index)).join('')}</m:GetProfilesResponse>`;
      case 'GetVideoSources':
        return `<m:GetVideoSourcesResponse><m:VideoSources token="source"><t:Framerate>25</t:Framerate></m:VideoSources>
</m:GetVideoSourcesResponse>`;
      case 'GetStreamUri':
        return `<m:GetStreamUriResponse><m:MediaUri><t:Uri>${streams[Number(token)]?.url ?? ''}</t:Uri></m:MediaUri>
</m:GetStreamUriResponse>`;
      default:
        return '<s:Fault><s:Reason><s:Text>Optional Action Not Implemented</s:Text></s:Reason></s:Fault>';
    }
  }

  private offered(kind: string): string {
    return `<d:Service><d:Namespace>http://www.onvif.org/ver10/${kind}/wsdl</d:Namespace>
<d:XAddr>${this.service}</d:XAddr></d:Service>`;
  }

  /** The digest is Base64(SHA-1(nonce + created + password)). */
  private isAllowed(question: string): boolean {
    const part = (name: string) => new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)<`).exec(question)?.[1] ?? '';
    const hash = createHash('sha1')
      .update(Buffer.from(part('Nonce'), 'base64'))
      .update(part('Created') + this.options.password);
    return part('Username') === this.options.user && part('Password') === hash.digest('base64');
  }
}

const NOT_AUTHORIZED = `<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value>
</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">Sender not authorized</s:Text></s:Reason></s:Fault>`;

function envelope(body: string): string {
  return `<?xml version="1.0"?><s:Envelope ${SOAP} xmlns:d="http://www.onvif.org/ver10/device/wsdl"
 xmlns:m="http://www.onvif.org/ver10/media/wsdl" xmlns:t="http://www.onvif.org/ver10/schema"
 xmlns:ter="http://www.onvif.org/ver10/error"><s:Body>${body}</s:Body></s:Envelope>`;
}

function dateAndTime(at: Date): string {
  return `<d:GetSystemDateAndTimeResponse><d:SystemDateAndTime><t:UTCDateTime><t:Time><t:Hour>${at.getUTCHours()}</t:Hour>
<t:Minute>${at.getUTCMinutes()}</t:Minute><t:Second>${at.getUTCSeconds()}</t:Second></t:Time><t:Date><t:Year>${at.getUTCFullYear()}</t:Year>
<t:Month>${at.getUTCMonth() + 1}</t:Month><t:Day>${at.getUTCDate()}</t:Day></t:Date></t:UTCDateTime>
</d:SystemDateAndTime></d:GetSystemDateAndTimeResponse>`;
}

function profile(name: string, index: number): string {
  const [width, height] = index === 0 ? [768, 576] : [384, 288];
  return `<m:Profiles token="${index}"><t:Name>${name}</t:Name><t:VideoSourceConfiguration token="source${index}">
<t:SourceToken>source</t:SourceToken></t:VideoSourceConfiguration><t:VideoEncoderConfiguration token="encoder${index}">
<t:Encoding>H264</t:Encoding><t:Resolution><t:Width>${width}</t:Width><t:Height>${height}</t:Height></t:Resolution>
<t:RateControl><t:FrameRateLimit>10</t:FrameRateLimit></t:RateControl></t:VideoEncoderConfiguration></m:Profiles>`;
}
