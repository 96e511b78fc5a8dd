/**
 * Answers fetches of calendars, the most frequent requests, before Fastify sees them, because its routing and replies
 * take longer than the answer. All other requests, and all requests during shutdown, go through Fastify as usual.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Answers the request and returns true, or does nothing and returns false. */
type FastPath = (request: IncomingMessage, response: ServerResponse) => boolean;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Runs `tryAnswer` before a server's present request listeners. Returns a function that disables it. */
export function addFastPath(server: Server, tryAnswer: FastPath): () => void {
  const listeners = server.listeners('request') as Listener[];
  let isEnabled = true;
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (isEnabled && tryAnswer(request, response)) return;
    for (const listener of listeners) listener.call(server, request, response);
  });
  return () => {
    isEnabled = false;
  };
}
