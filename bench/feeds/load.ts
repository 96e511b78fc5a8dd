/** A load generator light enough not to be what is measured: it knows how long each answer is, and counts bytes. */
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** A server, what it is asked next, and how long each answer is. */
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

/** One answer, whole: its status, its headers with names in small letters, its body's bytes, and how long all of it is. */
export async function ask(port: number, text: string) {
  const socket = await socketTo(port);
  socket.write(text, 'latin1');
  let got = Buffer.alloc(0);
  for await (const chunk of socket) {
    got = Buffer.concat([got, chunk as Buffer]);
    const end = got.indexOf('\r\n\r\n');
    if (end < 0) continue;
    const [status = '', ...lines] = got.subarray(0, end).toString('latin1').split('\r\n');
    const headers = new Map(
      lines.map((line) => {
        const [name = '', ...value] = line.split(': ');
        return [name.toLowerCase(), value.join(': ')] as const;
      }),
    );
    const whole = end + 4 + Number(headers.get('content-length') ?? 0);
    if (got.length < whole) continue;
    return {
      status: Number(status.slice(9, 12)),
      headers,
      body: got.subarray(end + 4, whole),
      length: whole,
    };
  }
  throw new Error('the server hung up');
}

/**
 * Answers over so many connections, and in how many seconds, each asking for the next thing once it has the last. One
 * who `polls` never sleeps: to wake it seems to cost the server much on a virtual machine, and of two servers the slower
 * one would have to do so more often.
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
