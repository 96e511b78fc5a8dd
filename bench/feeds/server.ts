/**
 * The measured process: the service on a filled database, and a bare Fastify route that sends the headers and bytes
 * that the parent process gives it.
 */
import Fastify from 'fastify';
import { readConfig } from '../../src/config.ts';
import { startService } from '../../src/start.ts';

export type Ready = { service: number; bare: number };
/** The response that the bare route sends from now on. */
export type Copy = { status: number; headers: Record<string, string>; body: string | null };

const service = await startService(
  readConfig({
    DATABASE_URL: process.argv[2],
    RULES_DIR: process.argv[3] ?? new URL('../../rules', import.meta.url).pathname,
    PUBLIC_URL: 'https://keepline.example',
    LOG_LEVEL: 'silent',
    PORT: '0',
  }),
  { print: () => {} },
);

process.on('SIGHUP', () => void service.reload());

let copy = { status: 200, headers: {} as Record<string, string>, body: undefined as Buffer | undefined };
const bare = Fastify();
bare.get('/cal/:token/:name', (_request, reply) => {
  reply.code(copy.status).headers(copy.headers).send(copy.body);
});
process.on('message', ({ status, headers, body }: Copy) => {
  copy = { status, headers, body: body === null ? undefined : Buffer.from(body, 'base64') };
  process.send?.('copied');
});

const portOf = (address: string) => Number(new URL(address).port);
const ready: Ready = {
  service: portOf(await service.listen()),
  bare: portOf(await bare.listen({ host: '127.0.0.1', port: 0 })),
};
process.send?.(ready);
process.on('disconnect', async () => {
  await bare.close();
  await service.close();
  process.exit();
});
