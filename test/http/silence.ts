/** Helpers for tests in which nobody fetches some calendars for days. */
import { noteSilence } from '../../src/service/silence.ts';
import { readFeed } from '../support/feeds.ts';
import type { Fixture } from './service.ts';

export const PUBLIC_URL = 'https://keepline.example';
export const DAY = 86_400_000;
export const START = '2026-03-15T12:00:00.000Z';
export const after = (days: number) => new Date(Date.parse(START) + days * DAY).toISOString();
export const fetched = (service: Fixture, url: string, agent = 'iOS/18.5 (22F76) dataaccessd/1.0') =>
  service.server.inject({ method: 'GET', url, headers: { 'user-agent': agent } });

export async function feedOf(service: Fixture, key: string, user: string, options: object) {
  const answer = await service.as(key)('POST', `/v1/users/${user}/feeds`, options);
  const { id, urls } = answer.json();
  return { id: id as string, url: urls.https.slice(PUBLIC_URL.length) as string };
}
/** Lets time pass with the service up, from one day to another, with its housekeeping every half day. */
export async function stay(service: Fixture, from: number, until: number) {
  for (let day = from; day <= until; day += 0.5) {
    service.setNow(after(day));
    await noteSilence(service.app);
  }
}
export const silentTitles = (body: Uint8Array) =>
  [...readFeed(body).values()].filter(({ summary }) => /fetched|загружается/.test(summary));
export const gauge = async (service: Fixture) =>
  /^keepline_silent_feeds (\d+)$/m.exec((await service.as(null)('GET', '/metrics')).body)?.[1];
