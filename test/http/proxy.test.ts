/** Behind a proxy: whoever guesses keys is limited by their own address, and nobody chooses which that is. */
import t from 'tap';
import { serve } from './service.ts';

const behind = async (TRUST_PROXY: string) => {
  const environment = { PORT: '0', TRUST_PROXY };
  const service = await serve(t, { environment, limits: { key: 20, address: 5 } });
  const address = await service.listen();
  /** The statuses of so many requests with keys that there are not. */
  return async (forwarded: (n: number) => string, requests = 6) => {
    const statuses: number[] = [];
    for (let n = 0; n < requests; n += 1) {
      const headers = { authorization: `Bearer klk_${n}`, 'x-forwarded-for': forwarded(n) };
      const answer = await fetch(`${address}/v1/rules`, { headers });
      await answer.arrayBuffer();
      statuses.push(answer.status);
    }
    return statuses;
  };
};
const ALL = [401, 401, 401, 401, 401, 401];
const LIMITED = [401, 401, 401, 401, 401, 429];

t.test('the word of a proxy that is named counts', async (t) => {
  const guess = await behind('loopback');
  t.same(await guess((n) => `192.0.2.${n}`), ALL, 'each address for itself');
  t.same(await guess(() => '192.0.2.77'), LIMITED);
  t.same(
    await guess((n) => `198.51.100.${n}, 192.0.2.88`),
    LIMITED,
    'what its client has said before it does not',
  );
});

t.test('nobody else’s does', async () => {
  for (const proxies of ['', '10.0.0.0/8']) {
    const guess = await behind(proxies);
    t.same(await guess((n) => `192.0.2.${n}`), LIMITED, proxies || 'unset');
  }
});
