/**
 * The server's end: it waits for what is under way, and for nothing else. A connection whose answer has been given would
 * stay open for its client's next request, and one on which nothing has come yet is under way to Node.
 */
import type { Socket } from 'node:net';
import { clearInterval, setInterval } from 'node:timers';
import type { FastifyInstance } from 'fastify';

/** How often it is looked which connections have nothing to wait for any more, in milliseconds. */
const OFTEN = 50;

/** Once the server is to close, closes each connection as soon as nothing is under way on it. */
export function endConnections(instance: FastifyInstance) {
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
    const timer = setInterval(end, OFTEN);
    server.once('close', () => clearInterval(timer));
  });
}
