/**
 * Reads the configuration from the environment, once, and reports all its errors together. Nothing else in `src/` reads
 * `process.env`, except that `main.ts` and `cli.ts` pass it on. An error never contains a secret's value or a URL that
 * may hold a password.
 */
import { isIP } from 'node:net';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type Config = {
  host: string;
  port: number;
  databaseUrl: string;
  proofsUrl: string;
  rulesDir: string;
  /** Without a slash at its end; null: derived from the address listened on. */
  publicUrl: string | null;
  logLevel: LogLevel;
  /** After how many days without a fetch a feed is silent. */
  silentAfterDays: number;
  /** The proxies whose `X-Forwarded-For` is trusted, separated by commas; null: none. */
  trustProxy: string | null;
  /** Whether calendars are sent compressed to clients that accept it. */
  feedGzip: boolean;
  /** Null: created at the first start and printed once. */
  adminKey: string | null;
  /** Null: created and stored in the database. */
  secret: string | null;
};

/** The URL made of HOST and PORT. */
export const addressOf = ({ host, port }: Pick<Config, 'host' | 'port'>): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

const EVERYWHERE = new Set(['0.0.0.0', '::']);

/**
 * The base URL of links in calendars, from the environment alone, so that every process writes the same, listening or
 * not. Null if unknown: the port is any free one, or the service listens on all addresses.
 */
export const linksTo = (config: Pick<Config, 'host' | 'port' | 'publicUrl'>): string | null =>
  config.publicUrl ?? (config.port === 0 || EVERYWHERE.has(config.host) ? null : addressOf(config));

export type ConfigProblem = { name: string; problem: string; allowed: string };

/** All errors of the environment, one line each. */
export class ConfigError extends Error {
  readonly problems: ConfigProblem[];

  constructor(problems: ConfigProblem[]) {
    const lines = problems.map(({ name, problem, allowed }) => `  ${name} ${problem}: ${allowed}`);
    super(`the environment is wrong:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `write` is the inverse of `read`; `String` by default. `show`: whether an error may contain the value. */
type Format<T> = {
  allowed: string;
  read: (value: string) => T | undefined;
  write?: (value: T) => string;
  show: boolean;
};

const oneOf = <const T extends string>(values: readonly T[]): Format<T> => ({
  allowed: `one of ${values.join(', ')}`,
  read: (value) => values.find((known) => known === value),
  show: true,
});

const onOff: Format<boolean> = {
  allowed: 'one of on, off',
  read: (value) => (value === 'on' ? true : value === 'off' ? false : undefined),
  write: (value) => (value ? 'on' : 'off'),
  show: true,
};

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

const host: Format<string> = {
  allowed: 'an address or a host name, such as 127.0.0.1 or 0.0.0.0',
  read: (value) => (isIP(value) !== 0 || HOST_NAME.test(value) ? value : undefined),
  show: true,
};

const port: Format<number> = {
  allowed: 'a whole number from 0 (any free port) to 65535',
  read: (value) => (/^\d{1,5}$/.test(value) && Number(value) <= 65535 ? Number(value) : undefined),
  show: true,
};

const days: Format<number> = {
  allowed: 'a whole number of days from 1 to 365',
  read: (value) =>
    /^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= 365 ? Number(value) : undefined,
  show: true,
};

const databaseUrl: Format<string> = {
  allowed: 'sqlite:<file>, such as sqlite:data/keepline.db, or postgres://<user>@<host>/<database>',
  read: (value) =>
    /^sqlite:[^\0]+$/.test(value) || (/^postgres(ql)?:\/\//.test(value) && URL.canParse(value))
      ? value
      : undefined,
  show: false,
};

const proofsUrl: Format<string> = {
  allowed: 'file:<folder>, such as file:data/proofs, or s3://<bucket>',
  read: (value) =>
    /^file:[^\0]+$/.test(value) || (/^s3:\/\/./.test(value) && URL.canParse(value)) ? value : undefined,
  show: false,
};

const folder: Format<string> = {
  allowed: 'a folder',
  read: (value) => (value.includes('\0') ? undefined : value),
  show: true,
};

const publicUrl: Format<string> = {
  allowed:
    'the address at which people reach this service, such as https://keepline.example.org, without ? and #',
  read: (value) => {
    if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return undefined;
    const { username, password, search, hash, href } = new URL(value);
    // `new URL` reports a bare `?` or `#` as empty, but it would end up in every address.
    const isPlain = !username && !password && !search && !hash && !/[?#]/.test(value);
    return isPlain ? href.replace(/\/+$/, '') : undefined;
  },
  show: false,
};

/** The names of private networks that `proxy-addr` knows. */
const NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

/** An address, or a network as `10.0.0.0/8`. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const proxies: Format<string> = {
  allowed: 'the addresses of proxies, separated by commas, such as 127.0.0.1, 10.0.0.0/8 or loopback',
  read(value) {
    const parts = value.split(',').map((part) => part.trim());
    return parts.every((part) => NETWORKS.includes(part) || isNetwork(part)) ? parts.join(',') : undefined;
  },
  show: true,
};

const secret: Format<string> = {
  allowed: 'any 32 characters or more',
  read: (value) => (value.length >= 32 ? value : undefined),
  show: false,
};

/** Trimmed: a key read from a file often ends in a line break, and HTTP trims the header it is sent in. */
const adminKey: Format<string> = { ...secret, read: (value) => secret.read(value.trim()) };

/** A variable, its allowed values, and its default. */
type Setting<T> = { variable: string; format: Format<NonNullable<T>>; unset: T };
type Settings = { [Name in keyof Config]: Setting<Config[Name]> };

const SETTINGS: Settings = {
  host: { variable: 'HOST', format: host, unset: '127.0.0.1' },
  port: { variable: 'PORT', format: port, unset: 3000 },
  databaseUrl: { variable: 'DATABASE_URL', format: databaseUrl, unset: 'sqlite:data/keepline.db' },
  proofsUrl: { variable: 'PROOFS_URL', format: proofsUrl, unset: 'file:data/proofs' },
  rulesDir: { variable: 'RULES_DIR', format: folder, unset: 'rules' },
  publicUrl: { variable: 'PUBLIC_URL', format: publicUrl, unset: null },
  logLevel: { variable: 'LOG_LEVEL', format: oneOf(LOG_LEVELS), unset: 'info' },
  silentAfterDays: { variable: 'SILENT_AFTER_DAYS', format: days, unset: 3 },
  trustProxy: { variable: 'TRUST_PROXY', format: proxies, unset: null },
  feedGzip: { variable: 'FEED_GZIP', format: onOff, unset: true },
  adminKey: { variable: 'KEEPLINE_ADMIN_KEY', format: adminKey, unset: null },
  secret: { variable: 'KEEPLINE_SECRET', format: secret, unset: null },
};

type AnySetting = Setting<Config[keyof Config]>;
const entries = Object.entries(SETTINGS) as [keyof Config, AnySetting][];

/**
 * Reads the environment; a variable that is empty counts as unset.
 * @throws ConfigError with every problem in it
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const problems: ConfigProblem[] = [];
  function read({ variable, format, unset }: AnySetting) {
    const text = environment[variable];
    if (!text) return unset;
    const value = format.read(text);
    if (value !== undefined) return value;
    const problem = format.show ? `cannot be ${JSON.stringify(text)}` : 'cannot be read';
    problems.push({ name: variable, problem, allowed: `it is ${format.allowed}` });
    return unset;
  }
  const config = Object.fromEntries(entries.map(([name, setting]) => [name, read(setting)]));
  if (problems.length > 0) throw new ConfigError(problems);
  return config as Config;
}

/** The inverse of {@link readConfig}: all variables, with an empty one for an unset value. */
export function toEnvironment(config: Config): Record<string, string> {
  const write = (name: keyof Config, { write = String }: AnySetting['format']) => {
    const value = config[name];
    return value === null ? '' : write(value);
  };
  return Object.fromEntries(entries.map(([name, { variable, format }]) => [variable, write(name, format)]));
}

/**
 * The environment of a child process: this configuration, and variables that drivers read themselves, as PGPASSWORD.
 */
export const environmentOfChild = (config: Config): NodeJS.ProcessEnv => ({
  ...process.env,
  ...toEnvironment(config),
});
