/** `/`: the home page, for people who follow the address that their calendar names. */
import { homePage } from '../web/home-page.ts';
import { POLICY } from '../web/index.ts';
import { languageHeaders, localeNamed, localeOf } from './locale.ts';
import type { Server } from './server.ts';

export function home(server: Server): void {
  server.get<{ Querystring: Record<string, unknown> }>(
    '/',
    { schema: { hide: true } },
    async (request, reply) => {
      const locale = localeNamed(request.query.lang) ?? localeOf(request, 'en');
      return reply
        .type('text/html; charset=utf-8')
        .headers({ ...languageHeaders(locale), 'content-security-policy': POLICY })
        .send(homePage(locale));
    },
  );
}
