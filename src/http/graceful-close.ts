/**
 * The server's end: it waits for what is under way, and for nothing else. A connection whose answer has been given would
 * stay open for its client's next request, and one on which nothing has come yet is under way to Node. Whoever takes too
 * long is not waited for, so that there is time left to put away what is open.
 */
import type { Socket } from 'node:net';
import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers';
import type { FastifyInstance } from 'fastify';

/** How often it is looked which connections have nothing to wait for any more, in milliseconds. */
const POLL_INTERVAL = 50;

/** How long the end waits for what is under way, in milliseconds: the process is ended after ten seconds. */
const TIMEOUT = 8_000;

/** Once the server is to close, closes each connection as soon as nothing is under way on it, or when timeout ends. */
export function closeGracefully(instance: FastifyInstance, timeout = TIMEOUT) {
  const { server } = instance;
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  instance.addHook('preClose', async () => {
    if (!server.listening) return;
    const end = () => {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
      // Node takes a connection to be idle once all of an answer is written, and cuts what its client has yet to read.
      if ([...open].every(({ writableLength }) => writableLength === 0)) server.closeIdleConnections();
    };
    const timer = setInterval(end, POLL_INTERVAL);
    const last = setTimeout(() => {
      instance.log.warn(
        { connections: open.size },
        'broken off, for the service ends: requests that are still under way',
      );
      server.closeAllConnections();
    }, timeout);
    server.once('close', () => {
      clearInterval(timer);
      clearTimeout(last);
    });
  });
}
