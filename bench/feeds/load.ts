/**
 * A load generator light enough not to be the bottleneck: it knows the length of each response and only counts bytes.
 */
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** A server's port, the next request, and the length of each response in bytes. */
export type Target = { port: number; next(): string; answer: number };

const socketTo = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.setNoDelay()));
    socket.once('error', reject);
  });

export const request = (path: string, headers: Record<string, string> = {}): string => {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
};

/** Sends one request; returns the status, the headers by lower-case name, the body, and the total length in bytes. */
export async function ask(port: number, text: string) {
  const socket = await socketTo(port);
  socket.write(text, 'latin1');
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) continue;
    const [status = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n');
    const headers = new Map(
      lines.map((line) => {
        const [name = '', ...value] = line.split(': ');
        return [name.toLowerCase(), value.join(': ')] as const;
      }),
    );
    const whole = end + 4 + Number(headers.get('content-length') ?? 0);
    if (received.length < whole) continue;
    return {
      status: Number(status.slice(9, 12)),
      headers,
      body: received.subarray(end + 4, whole),
      length: whole,
    };
  }
  throw new Error('the server hung up');
}

/**
 * Counts responses over a number of connections, each of which sends the next request after the last response, and the
 * seconds taken. With `polls` this process never sleeps: on a virtual machine waking it seems to cost the server much,
 * which would put the slower of two servers at a further disadvantage.
 */
export async function rate(
  target: Target,
  connections: number,
  milliseconds: number,
  polls: boolean,
): Promise<{ answers: number; seconds: number }> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => socketTo(target.port)));
  const start = performance.now();
  const end = start + milliseconds;
  let answers = 0;
  let isOver = false;
  const poll = () => void (isOver || setImmediate(poll));
  if (polls) poll();
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          let left = 0;
          const send = () => {
            left = target.answer;
            socket.write(target.next(), 'latin1');
          };
          socket.on('data', (chunk) => {
            left -= chunk.length;
            if (left > 0) return;
            if (left < 0) return reject(new Error('an answer is longer than it was'));
            answers += 1;
            if (performance.now() < end) send();
            else socket.end(resolve);
          });
          socket.once('error', reject);
          send();
        }),
    ),
  );
  isOver = true;
  return { answers, seconds: (performance.now() - start) / 1000 };
}
