/**
 * What is measured, in a process of its own: the service with many feeds, and beside it a bare Fastify route that
 * sends the headers and bytes which it is told to send.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { readConfig } from '../../src/config.ts';
import { newFeedToken } from '../../src/secret.ts';
import { startService } from '../../src/start.ts';
import { digest } from '../../src/store/digest.ts';

export type Ready = { service: number; bare: number; tokens: string[] };
/** What the bare route answers from now on: each feed's own headers and bytes, by its token. */
export type Copy = {
  status: number;
  answers: Record<string, { headers: Record<string, string>; body: string | null }>;
};

const count = Number(process.argv[2]);
const folder = await mkdtemp(join(tmpdir(), 'keepline-bench-'));
const service = await startService(
  readConfig({
    DATABASE_URL: process.argv[3] || `sqlite:${join(folder, 'keepline.db')}`,
    RULES_DIR: new URL('../../rules', import.meta.url).pathname,
    PUBLIC_URL: 'https://keepline.example',
    LOG_LEVEL: 'silent',
    PORT: '0',
  }),
  { print: () => {} },
);

const BATCH = 100;
const tokens = Array.from({ length: count }, newFeedToken);
for (let from = 0; from < count; from += BATCH) {
  await service.app.store.write(null, async (q) => {
    for (const token of tokens.slice(from, from + BATCH)) {
      const { id } = await q.users.create({ name: 'Boris', locale: 'ru', time_zone: 'Europe/Berlin' });
      const line = await q.lines.create({ user: id, rule: 'ru/t2/prepaid', label: 'Home' });
      const at = new Date().toISOString().slice(0, 10);
      await q.records.append(line.id, [
        { body: { type: 'activity', at, kind: 'call', direction: 'outgoing', charged: true } },
      ]);
      const options = { locale: null, detail: 'full', alarms: 'valarm', lead_days: [30, 7, 1] } as const;
      const feed = {
        user: id,
        name: 'Phones',
        lines: null,
        kinds: ['renew'],
        action_links: false,
        show_balance: false,
      };
      await q.feeds.create({ ...feed, ...options, lead_days: [...options.lead_days] }, digest(token));
    }
  });
}

type Answer = { headers: Record<string, string>; body: Buffer | undefined };
let status = 200;
let answers = new Map<string, Answer>();
const bare = Fastify();
bare.get<{ Params: { token: string } }>('/cal/:token/:name', (request, reply) => {
  const { headers, body } = answers.get(request.params.token) as Answer;
  reply.code(status).headers(headers).send(body);
});
process.on('message', (copy: Copy) => {
  status = copy.status;
  answers = new Map(
    Object.entries(copy.answers).map(([token, { headers, body }]) => [
      token,
      { headers, body: body === null ? undefined : Buffer.from(body, 'base64') },
    ]),
  );
  process.send?.('copied');
});

const portOf = (address: string) => Number(new URL(address).port);
const ready: Ready = {
  service: portOf(await service.listen()),
  bare: portOf(await bare.listen({ host: '127.0.0.1', port: 0 })),
  tokens,
};
process.send?.(ready);
process.on('disconnect', async () => {
  await bare.close();
  await service.close();
  await rm(folder, { recursive: true, force: true });
  process.exit();
});
