import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';

/** MQTT 3.1.1, section 6: the name of the subprotocol. */
const SUBPROTOCOL = 'mqtt';

/** What a connection over WebSocket is to the broker: a stream of MQTT that knows where it comes from. */
export type WebSocketStream = Duplex & {
  readonly remoteAddress: string | undefined;
  readonly bytesWritten: number;
};

/**
 * An HTTP server that answers nothing but WebSocket upgrades to MQTT.
 * @param maxPayload largest message (bytes); a larger one ends the connection before it is held in memory
 */
export function webSocketServer(maxPayload: number, onConnection: (stream: WebSocketStream) => void): Server {
  const server = createServer((_request, response) => {
    response.writeHead(426, { upgrade: 'websocket', 'content-type': 'text/plain' });
    response.end('this is an MQTT broker; connect with WebSocket and the subprotocol "mqtt"\n');
  });
  const sockets = new WebSocketServer({
    ...{ server, maxPayload, perMessageDeflate: false },
    verifyClient: ({ req }: { req: { headers: NodeJS.Dict<string | string[]> } }) =>
      String(req.headers['sec-websocket-protocol'] ?? '')
        .split(/,\s*/)
        .includes(SUBPROTOCOL),
    handleProtocols: () => SUBPROTOCOL,
  });
  sockets.on('connection', (socket, request) => {
    const stream = createWebSocketStream(socket);
    const { socket: connection } = request;
    const { remoteAddress } = connection;
    const bytesWritten = { get: () => connection.bytesWritten };
    onConnection(
      Object.defineProperties(stream, {
        remoteAddress: { value: remoteAddress },
        bytesWritten,
      }) as WebSocketStream,
    );
  });
  return server;
}
