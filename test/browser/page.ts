/**
 * Checks every page in a real browser: `npm run test:browser [FOLDER]`, which also saves screenshots in FOLDER. The
 * pages: the subscribe page in each language, light and dark, with and without scripts; the home page; the pages of
 * links that act, before and after; the summary of a dossier. Axe must find nothing, nothing may overflow a narrow
 * screen, and no request may go to another host. Skipped with a message if there is no Chromium.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { readConfig } from '../../src/config.ts';
import { startService } from '../../src/start.ts';
import { addFeeds, type BrowserFeed } from './feeds.ts';
import { addPapers } from './papers.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ADMIN = 'an admin key of the browser test, 32 characters or more';
const WIDTHS = [320, 1280];
const SCHEMES = ['light', 'dark'] as const;
const PHOTO = new URL('../fixtures/photo.jpg', import.meta.url).pathname;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const [, , shots] = process.argv;
const executablePath = CHROMIUM.find((path) => existsSync(path));
if (!executablePath) {
  console.log(`skipped: no browser at ${CHROMIUM.join(' or ')}; "apt-get install chromium" brings one`);
  process.exit(0);
}

type Case = { feed: BrowserFeed; width: number; scheme: (typeof SCHEMES)[number]; scripts: boolean };

/**
 * Blocks the page's own scripts by its policy, as if the reader had disabled them. Axe, which is injected past the
 * policy, still runs; with JavaScript disabled altogether it would never finish.
 */
const forbidScripts = (page: Page) =>
  page.route('**/*', async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    const policy = headers['content-security-policy']?.replace(/script-src [^;]*/, "script-src 'none'") ?? '';
    await route.fulfill({ response, headers: { ...headers, 'content-security-policy': policy } });
  });

/** A problem if the page is wider than the screen. */
async function overflowOf(page: Page, state: string): Promise<string[]> {
  const over = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  return over === 0 ? [] : [`${state}, it is ${over} px too wide`];
}

/** The problems of a page in its present state: axe's violations, and overflow. */
async function inspect(page: Page, state: string): Promise<string[]> {
  const wrong = await overflowOf(page, state);
  await page.evaluate(`${axe}; 0`);
  const options: RunOptions = { resultTypes: ['violations', 'incomplete'] };
  const found = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
  for (const { id, nodes } of found.violations) {
    wrong.push(
      `${state}, ${id}: ${nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`)
        .join(' | ')}`,
    );
  }
  return wrong;
}

/** A browser window; `wrong` collects its console errors, except those that match `expected`. */
async function openWindow(
  browser: Browser,
  width: number,
  colorScheme: (typeof SCHEMES)[number],
  expected = /favicon/,
) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.test(message.text())) wrong.push(`says ${message.text()}`);
  });
  return { context, page, wrong };
}

/** The problems of a link's pages: the form, after it is sent, after it is undone. */
async function follow(
  browser: Browser,
  url: string,
  name: string,
  width: number,
  scheme: (typeof SCHEMES)[number],
) {
  const { context, page, wrong } = await openWindow(browser, width, scheme);
  await page.goto(url, { waitUntil: 'load' });
  for (const state of ['before', 'done', 'undone']) {
    if (state !== 'before') {
      const ways = page.locator('input[type=radio]');
      const amount = page.locator('input[name=amount]');
      if ((await ways.count()) > 0) await ways.first().check();
      else if ((await amount.count()) > 0) await amount.fill('150');
      const file = page.locator('input[type=file]');
      if ((await file.count()) > 0) await file.setInputFiles(PHOTO);
      await Promise.all([page.waitForEvent('load'), page.locator('button').first().click()]);
    }
    if (shots)
      await page.screenshot({ path: `${shots}/act-${name}-${width}-${scheme}-${state}.png`, fullPage: true });
    wrong.push(...(await inspect(page, state)));
  }
  await context.close();
  return wrong;
}

/** The problems of a link's form, at first and after a wrong amount was refused; neither changes anything. */
async function lookForm(
  browser: Browser,
  url: string,
  name: string,
  width: number,
  scheme: (typeof SCHEMES)[number],
) {
  // The browser logs the refusal of the form as an error too.
  const { context, page, wrong } = await openWindow(browser, width, scheme, /favicon|status of 422/);
  await page.goto(url, { waitUntil: 'load' });
  const picture = async (state: string) => {
    const path = `${shots}/form-${name}-${width}-${scheme}-${state}.png`;
    if (shots) await page.screenshot({ path, fullPage: true });
    return inspect(page, state);
  };
  wrong.push(...(await picture('asked')));
  const amount = page.locator('input[name=amount]');
  if ((await amount.count()) > 0) {
    const ways = page.locator('input[type=radio]');
    if ((await ways.count()) > 0) await ways.last().check();
    await amount.fill('much');
    await Promise.all([page.waitForEvent('load'), page.locator('button').first().click()]);
    if ((await page.locator('[role=alert]').count()) === 0) wrong.push('a wrong amount is not refused');
    wrong.push(...(await picture('refused')));
  }
  await context.close();
  return wrong;
}

/** The problems of the home page. */
async function lookHome(browser: Browser, url: string, width: number, scheme: (typeof SCHEMES)[number]) {
  const { context, page, wrong } = await openWindow(browser, width, scheme);
  for (const locale of ['en', 'ru', 'zh']) {
    await page.goto(`${url}/?lang=${locale}`, { waitUntil: 'load' });
    if (shots)
      await page.screenshot({ path: `${shots}/home-${locale}-${width}-${scheme}.png`, fullPage: true });
    wrong.push(...(await inspect(page, locale)));
  }
  await context.close();
  return wrong;
}

/** The problems of a page opened from a file, as a dossier's summary is. */
async function readFile(browser: Browser, html: string, name: string, width: number) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: true });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('request', ({ url }) => wrong.push(`asks ${url()}`));
  await page.setContent(html, { waitUntil: 'load' });
  if (shots) await page.screenshot({ path: `${shots}/dossier-${name}-${width}.png`, fullPage: true });
  wrong.push(...(await inspect(page, 'read')));
  const lines =
    '[...document.querySelectorAll("th")].map((one) => one.clientHeight / parseFloat(getComputedStyle(one).lineHeight))';
  const broken = ((await page.evaluate(lines)) as number[]).filter((height) => height >= 2);
  if (width > 640 && broken.length > 0) wrong.push('a heading of a table is broken');
  await context.close();
  return wrong;
}

/** The problems of a subscribe page. */
async function look(browser: Browser, base: string, { feed, width, scheme, scripts }: Case) {
  const wrong: string[] = [];
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    ...(feed.userAgent ? { userAgent: feed.userAgent } : {}),
  });
  const page = await context.newPage();
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(base).host) wrong.push(`asks ${request.url()}`);
  });
  if (!scripts) await forbidScripts(page);
  page.on('console', (message) => {
    // The policy also blocks the browser's own request for an icon.
    if (message.type() === 'error' && !/favicon|script-src 'none'/.test(message.text()))
      wrong.push(`says ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`fails: ${error.message}`));
  await page.goto(base + feed.path, { waitUntil: 'load' });
  if ((await page.locator('#copy').isVisible()) !== scripts)
    wrong.push('the copy button is shown or hidden wrongly');
  const name = `${shots}/page-${feed.name}-${width}-${scheme}.png`;
  if (shots && scripts) await page.screenshot({ path: name, fullPage: true });
  for (const state of ['folded', 'unfolded'] as const) {
    if (state === 'unfolded') {
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
      if (shots && scripts)
        await page.screenshot({ path: name.replace('page-', 'page-open-'), fullPage: true });
    }
    wrong.push(...(await inspect(page, state)));
  }
  if (scripts) {
    await page.locator('#copy').click();
    const status = page.locator('#copy-status').filter({ hasText: /\S/ });
    await status.waitFor({ timeout: 5_000 }).catch(() => wrong.push('copying says nothing'));
  }
  await context.close();
  return wrong;
}

/** The problems of a page in a browser with text at twice its size. */
async function lookLarge(browser: Browser, url: string, width: number) {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'load' });
  await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
  const wrong = await overflowOf(page, 'with text at twice its size');
  await context.close();
  return wrong;
}

const folder = mkdtempSync(join(tmpdir(), 'keepline-browser-'));
const config = readConfig({
  DATABASE_URL: `sqlite:${join(folder, 'keepline.db')}`,
  PUBLIC_URL: 'https://keepline.example',
  KEEPLINE_ADMIN_KEY: ADMIN,
  LOG_LEVEL: 'silent',
  PORT: '0',
});
const service = await startService(config);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const large = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--blink-settings=defaultFontSize=32'],
});
try {
  const base = await service.listen();
  const feeds = await addFeeds(service, ADMIN);
  let looked = 0;
  const failures: string[] = [];
  for (const feed of feeds) {
    for (const width of WIDTHS) {
      const wide = await lookLarge(large, `${base}${feed.path}`, width);
      failures.push(...wide.map((what) => `${feed.name}, ${width} px: ${what}`));
      for (const scheme of SCHEMES) {
        for (const scripts of [true, false]) {
          const wrong = await look(browser, base, { feed, width, scheme, scripts });
          looked += 1;
          failures.push(
            ...wrong.map(
              (what) => `${feed.name}, ${width} px, ${scheme}, scripts ${scripts ? 'on' : 'off'}: ${what}`,
            ),
          );
        }
      }
    }
  }
  for (const width of WIDTHS) {
    for (const scheme of SCHEMES) {
      const wrong = await lookHome(browser, base, width, scheme);
      looked += 3;
      failures.push(...wrong.map((what) => `home, ${width} px, ${scheme}: ${what}`));
    }
  }
  for (const { name, forms, links, dossiers } of await addPapers(service, ADMIN)) {
    for (const width of WIDTHS) {
      for (const scheme of SCHEMES) {
        for (const [act, path] of forms) {
          const wrong = await lookForm(browser, base + path, `${name}-${act}`, width, scheme);
          looked += 1;
          failures.push(...wrong.map((what) => `form, ${name} ${act}, ${width} px, ${scheme}: ${what}`));
        }
        // Each link can be followed only once.
        const url = base + (links.pop() as string);
        const wrong = await follow(browser, url, name, width, scheme);
        looked += 3;
        failures.push(...wrong.map((what) => `link, ${name}, ${width} px, ${scheme}: ${what}`));
      }
      for (const [language, html] of dossiers) {
        const wrong = await readFile(browser, html, `${name}-${language}`, width);
        looked += 1;
        failures.push(...wrong.map((what) => `dossier, ${name} in ${language}, ${width} px: ${what}`));
      }
    }
  }
  assert.deepEqual(failures, []);
  console.log(`ok: ${looked} pages looked at, folded and unfolded; axe finds nothing`);
} finally {
  await Promise.all([browser.close(), large.close()]);
  await service.close();
  rmSync(folder, { recursive: true, force: true });
}
