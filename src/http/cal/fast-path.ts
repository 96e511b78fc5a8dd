/**
 * The quickest way for what is asked most: a calendar is answered before the framework looks at the request, for its
 * routing and replies take longer than the answer. Whatever else comes, and all that comes to a service about to
 * close, goes the usual way and is answered there.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Answers and says true, or does nothing and says false. */
type FastPath = (request: IncomingMessage, response: ServerResponse) => boolean;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Puts `quick` in front of all that listens to a server's requests. Returns the function that takes it away. */
export function addFastPath(server: Server, quick: FastPath): () => void {
  const usual = server.listeners('request') as Listener[];
  let open = true;
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (open && quick(request, response)) return;
    for (const listener of usual) listener.call(server, request, response);
  });
  return () => {
    open = false;
  };
}
