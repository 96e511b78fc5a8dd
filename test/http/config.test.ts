import t from 'tap';
import { ConfigError, linksTo, readConfig, toEnvironment } from '../../src/config.ts';

t.test('an empty environment gives what the contract says', async (t) => {
  const expected = {
    host: '127.0.0.1',
    port: 3000,
    databaseUrl: 'sqlite:data/keepline.db',
    proofsUrl: 'file:data/proofs',
    rulesDir: 'rules',
    publicUrl: null,
    logLevel: 'info',
    silentAfterDays: 3,
    trustProxy: null,
    feedGzip: true,
    adminKey: null,
    secret: null,
  };
  t.same(readConfig({}), expected);
  t.same(readConfig({ PORT: '', HOST: '', LOG_LEVEL: '' }), expected, 'an empty variable counts as unset');
});

t.test('where links in calendars lead', async (t) => {
  for (const [environment, expected] of [
    [{}, 'http://127.0.0.1:3000'],
    [{ HOST: '::1', PORT: '80' }, 'http://[::1]:80'],
    [{ HOST: '0.0.0.0', PUBLIC_URL: 'https://sim.example.org' }, 'https://sim.example.org'],
    [{ HOST: '0.0.0.0' }, null],
    [{ HOST: '::' }, null],
    [{ PORT: '0' }, null],
  ] as const)
    t.equal(linksTo(readConfig(environment)), expected, JSON.stringify(environment));
});

const EVERY = {
  HOST: '::',
  PORT: '0',
  DATABASE_URL: 'postgres://keepline:secret@db.example.org/keepline',
  PROOFS_URL: 's3://proofs',
  RULES_DIR: '/srv/rules',
  PUBLIC_URL: 'https://sim.example.org/keepline/',
  LOG_LEVEL: 'silent',
  SILENT_AFTER_DAYS: '14',
  TRUST_PROXY: 'loopback,10.0.0.0/8,::1',
  FEED_GZIP: 'off',
  KEEPLINE_ADMIN_KEY: 'a'.repeat(32),
  KEEPLINE_SECRET: 'b'.repeat(32),
};

t.test('each variable is read', async (t) => {
  const config = readConfig(EVERY);
  t.same(config, {
    host: '::',
    port: 0,
    databaseUrl: 'postgres://keepline:secret@db.example.org/keepline',
    proofsUrl: 's3://proofs',
    rulesDir: '/srv/rules',
    publicUrl: 'https://sim.example.org/keepline',
    logLevel: 'silent',
    silentAfterDays: 14,
    trustProxy: 'loopback,10.0.0.0/8,::1',
    feedGzip: false,
    adminKey: 'a'.repeat(32),
    secret: 'b'.repeat(32),
  });
});

t.test('an environment made of settings is read as the same ones', async (t) => {
  for (const environment of [{}, EVERY, { FEED_GZIP: 'on', PORT: '65535', LOG_LEVEL: 'trace' }]) {
    const config = readConfig(environment);
    const written = toEnvironment(config);
    t.same(readConfig(written), config);
    t.same(
      Object.keys(written).sort(),
      Object.keys(EVERY).sort(),
      'not one is left to what is there already',
    );
  }
  t.same(toEnvironment(readConfig(EVERY)), { ...EVERY, PUBLIC_URL: 'https://sim.example.org/keepline' });
});

t.test('all errors are told at once, and no secret with them', async (t) => {
  const wrong = {
    HOST: 'not a host',
    PORT: '65536',
    DATABASE_URL: 'mysql://root:hunter2@db/keepline',
    PROOFS_URL: 'ftp://user:hunter2@files',
    PUBLIC_URL: 'sim.example.org',
    LOG_LEVEL: 'loud',
    SILENT_AFTER_DAYS: '0',
    TRUST_PROXY: 'loopback, everybody',
    FEED_GZIP: 'yes',
    KEEPLINE_ADMIN_KEY: 'hunter2',
    KEEPLINE_SECRET: 'x'.repeat(31),
  };
  try {
    readConfig(wrong);
    t.fail('it was accepted');
  } catch (error) {
    t.type(error, ConfigError);
    const { message, problems } = error as ConfigError;
    t.same(
      problems.map(({ name }) => name),
      Object.keys(wrong),
    );
    t.notMatch(message, 'hunter2');
    t.notMatch(message, 'xxxx');
    t.match(message, 'PORT cannot be "65536": it is a whole number from 0 (any free port) to 65535');
    t.match(message, 'one of fatal, error, warn, info, debug, trace, silent');
    t.match(message, /KEEPLINE_SECRET cannot be read: it is any 32 characters or more/);
  }
});

t.test('an address with a bare mark is none, and a key may end in a line break', async (t) => {
  for (const PUBLIC_URL of ['https://sim.example.org?', 'https://sim.example.org/#']) {
    t.throws(() => readConfig({ PUBLIC_URL }), /PUBLIC_URL/);
  }
  const key = 'k'.repeat(32);
  t.equal(readConfig({ KEEPLINE_ADMIN_KEY: `${key}\n` }).adminKey, key, 'as HTTP brings it');
  t.throws(() => readConfig({ KEEPLINE_ADMIN_KEY: ' '.repeat(40) }));
});

t.test('the edges of a port', async (t) => {
  for (const port of ['-1', '3000.5', '0x10', '1e3', ' 3000', '123456']) {
    t.throws(() => readConfig({ PORT: port }), ConfigError, port);
  }
  t.equal(readConfig({ PORT: '65535' }).port, 65535);
});

t.test('proxies are addresses and networks', async (t) => {
  const read = (TRUST_PROXY: string) => readConfig({ TRUST_PROXY }).trustProxy;
  t.equal(read(' 127.0.0.1 , 10.0.0.0/8,fc00::/7, uniquelocal'), '127.0.0.1,10.0.0.0/8,fc00::/7,uniquelocal');
  for (const wrong of [
    'true',
    '1',
    'proxy.example.org',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '10.0.0.1,',
    '::1/129',
    '1.2.3.4/8/8',
  ]) {
    t.throws(() => read(wrong), /TRUST_PROXY/, wrong);
  }
});
