/** A way to a database that can be cut where it hurts most: after a commit has been sent, before its word is back. */
import { connect, createServer, type Socket } from 'node:net';

export type Cutting = {
  /** The database's address by this way. */
  url: string;
  /** Cuts the connection on which the next commit follows a statement like this one. */
  arm(statement: RegExp): void;
  close(): void;
};

export async function cutting(database: string): Promise<Cutting> {
  const url = new URL(database);
  const port = Number(url.port);
  const host = url.hostname;
  let armed: RegExp | null = null;
  const server = createServer((near: Socket) => {
    const far = connect(port, host);
    let seen = false;
    let isCut = false;
    near.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      if (armed?.test(text)) seen = true;
      if (seen && /commit/i.test(text)) {
        [isCut, seen, armed] = [true, false, null];
      }
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (isCut) near.destroy();
      else near.write(bytes);
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay(true);
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as { port: number }).port);
  return {
    url: url.href,
    arm(statement) {
      armed = statement;
    },
    close: () => server.close(),
  };
}
