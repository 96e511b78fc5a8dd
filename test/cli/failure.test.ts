import t from 'tap';
import { ConfigError } from '../../src/config.ts';
import { failureText } from '../../src/failure.ts';

t.test('what can be mended is told in a sentence, all else with its stack, and no secret in it', (t) => {
  const mendable = new ConfigError([{ name: 'PORT', problem: 'cannot be "x"', allowed: 'it is a number' }]);
  t.equal(failureText(mendable), `keepline: ${mendable.message}\n`);
  const token = `klf_${'a'.repeat(43)}`;
  const crash = failureText(new Error(`no ${token} of +7 916 123-45-67`));
  t.match(crash, /^keepline: Error: no \[secret\] of \[number\]\n +at /);
  t.equal(failureText(token), 'keepline: [secret]\n');
  t.end();
});
