/** A proxy to a database that can cut a connection after a commit was sent and before its acknowledgement arrives. */
import { connect, createServer, type Socket } from 'node:net';

export type Cutting = {
  /** The database's address through the proxy. */
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
    for (const [socket, peer] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => peer.destroy());
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
