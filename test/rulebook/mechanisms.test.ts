/** Every mechanism has its words, an example that compiles, and a rule that ships with it at work. */
import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { compileRule, RuleError } from '../../src/retention/index.ts';
import type { Clock } from '../../src/retention/language.ts';
import { ruleOf } from '../support/retention.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/mechanisms.md', root), 'utf8');
const sections = page.split(/^## /m).slice(1);
/** Told in words alone: no clock knows of them. */
const WORDS_ONLY = ['M19', 'M20', 'M24'];

t.test('all of them are there, in order', async (t) => {
  const numbers = sections
    .map((section) => /^(M\d+) /.exec(section)?.[1] ?? null)
    .filter((name) => name !== null);
  t.strictSame(
    numbers,
    Array.from({ length: 24 }, (_, i) => `M${i + 1}`),
  );
});

for (const section of sections) {
  const title = section.split('\n', 1)[0] as string;
  t.test(title, async (t) => {
    const files = [...section.matchAll(/`(rules\/[^`]+\.yaml)`/g)].map((match) => match[1] as string);
    t.ok(files.length > 0, 'it names a rule');
    for (const file of files) t.ok(existsSync(new URL(file, root)), file);
    const snippets = [...section.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] as string);
    t.equal(
      snippets.length > 0,
      !WORDS_ONLY.some((name) => title.startsWith(`${name} `)),
      'it has an example',
    );
    for (const snippet of snippets) {
      const text = { en: 'a', ru: 'б', zh: '文' };
      const clocks = Object.entries(parse(snippet) as Record<string, Clock>);
      const rule = {
        id: 'xx/some/prepaid',
        time_zone: 'UTC',
        currency: 'EUR',
        versions: [
          {
            since: '2010-01-01',
            events: {
              use: { type: 'activity' as const },
              credit: { type: 'topup' as const },
              renewed: { type: 'plan_renewed' as const },
            },
            clocks: Object.fromEntries(
              clocks.map(([name, clock]) => [name, { ...clock, name: text, evidence: ['source'] }]),
            ),
            actions: { top_up: { does: 'credit', how: 'topup' as const, from_abroad: true, text } },
          },
        ],
      };
      t.doesNotThrow(() => compileRule(rule), snippet);
    }
  });
}

t.test('a snippet that makes no sense would be told', async (t) => {
  t.throws(() => ruleOf({ clocks: { idle: { restarts_on: ['nothing'], runs: '1 day' } } }), RuleError);
});
