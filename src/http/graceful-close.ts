/**
 * Graceful shutdown: waits for requests in progress and nothing else. Without this, a keep-alive connection would stay
 * open for the client's next request, and Node would count one without any data as busy. Requests that take too long
 * are broken off, so that there is time left to close other resources.
 */
import type { Socket } from 'node:net';
import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers';
import type { FastifyInstance } from 'fastify';

/** How often idle connections are looked for during shutdown, in milliseconds. */
const POLL_INTERVAL = 50;

/** How long shutdown waits for requests in progress, in milliseconds; the process is killed after ten seconds. */
const TIMEOUT = 8_000;

/** During shutdown, closes each connection once it has no request in progress, and all when `timeout` (ms) is over. */
export function closeGracefully(instance: FastifyInstance, timeout = TIMEOUT) {
  const { server } = instance;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  instance.addHook('preClose', async () => {
    if (!server.listening) return;
    const closeIdle = () => {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      // Node counts a connection as idle once a response is written to it, and would cut off what is not sent yet.
      if ([...sockets].every(({ writableLength }) => writableLength === 0)) server.closeIdleConnections();
    };
    const timer = setInterval(closeIdle, POLL_INTERVAL);
    const deadline = setTimeout(() => {
      instance.log.warn(
        { connections: sockets.size },
        'the service ends: requests still under way are broken off',
      );
      server.closeAllConnections();
    }, timeout);
    server.once('close', () => {
      clearInterval(timer);
      clearTimeout(deadline);
    });
  });
}
