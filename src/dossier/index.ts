/**
 * A line's dossier: a ZIP with all that a support desk, a bank or a court would ask for. It is laid out as of the
 * line's last record and carries no clock of its own, so that the same state gives the same bytes.
 */
import { hash } from 'node:crypto';
import { finished, type Readable } from 'node:stream';
import ZipStream from 'zip-stream';
import { countsOnSeveral } from '../agenda/index.ts';
import { foldLine, idleRecords, ledgerOf, zoneOf } from '../ledger.ts';
import { dateInZone, lastRecordDay } from '../retention/index.ts';
import type { BookedRule } from '../rulebook/index.ts';
import type { Line, Locale, Payment, Proof, StoredRecord } from '../store/types.ts';
import { timelineJson } from '../wording/index.ts';
import { type SummaryInput, summary } from './summary.ts';

export type Contents = {
  line: Line;
  booked: BookedRule;
  records: readonly StoredRecord[];
  payments: readonly { payment: Payment; proofs: readonly Proof[] }[];
  /** The proofs whose files are lost. */
  missing: ReadonlySet<string>;
  /** The person's language. */
  locale: Locale;
};

type Entry = { name: string; body: string | (() => Promise<Readable>); store?: boolean };

/** Where the carrier's desk reads Russian or Chinese; elsewhere English is what both may read. */
const RUSSIAN = new Set(['ru', 'by', 'kz', 'kg', 'uz', 'tj', 'am', 'ua', 'md', 'az', 'ge']);
const CHINESE = new Set(['cn', 'hk', 'mo', 'tw']);

function carrierLocale({ carrier }: BookedRule): Locale {
  const country = carrier.carrier.slice(0, 2);
  return RUSSIAN.has(country) ? 'ru' : CHINESE.has(country) ? 'zh' : 'en';
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const rows = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

type Written = { name: string; body: string };

/** What is written of the line, for people and for programs. */
function writtenOf(input: SummaryInput, ledger: ReturnType<typeof ledgerOf>, locale: Locale): Written[] {
  const { line, booked, records, payments, timeline } = input;
  const languages = [...new Set([carrierLocale(booked), locale])];
  // When a row was last written is no state of the line: after an import it is another moment.
  const { user: _, updated_at: __, ...shown } = line;
  return [
    ...languages.map((language) => ({
      name: `summary.${language}.html`,
      body: summary(input, timelineJson(timeline, booked, language, ledger), language),
    })),
    { name: 'line.json', body: pretty(shown) },
    {
      name: 'ledger.ndjson',
      body: rows(
        records.map(({ id, body, recorded_at, voided_by, payment }) => ({
          id,
          ...body,
          recorded_at,
          voided_by,
          payment,
        })),
      ),
    },
    {
      name: 'payments.ndjson',
      body: rows(
        payments.map(({ payment: { updated_at: _, body, ...rest }, proofs }) => ({
          ...rest,
          ...body,
          proofs: proofs.map(({ proof, file }) => ({
            file,
            ...(file === null ? { missing: true } : {}),
            name: proof.name,
            type: proof.type,
            size: proof.size,
            sha256: proof.sha256,
            created_at: proof.created_at,
          })),
        })),
      ),
    },
    { name: `timeline.${locale}.json`, body: pretty(timelineJson(timeline, booked, locale, ledger)) },
    { name: 'rule.json', body: pretty({ ...booked.rule, id: booked.id, evidence: booked.carrier.evidence }) },
  ];
}

function entriesOf(
  contents: Contents,
  extensions: Record<Proof['type'], string>,
  read: (proof: Proof) => Promise<Readable>,
): Entry[] {
  const { line, booked, locale } = contents;
  const ledger = ledgerOf(contents.records);
  const zone = zoneOf(line, booked);
  const as_of = lastRecordDay(ledger, zone) ?? dateInZone(new Date(line.created_at), zone);
  const timeline = foldLine(booked, line, ledger, { as_of });
  const idle = idleRecords(timeline, ledger, (some) => foldLine(booked, line, some, { as_of }));
  const countsOn = contents.payments.map(({ payment: { state, record } }) => ({
    state,
    saves: !idle.has(record),
  }));
  let number = 0;
  const payments = contents.payments.map(({ payment, proofs }) => ({
    payment,
    proofs: proofs.map((proof) => {
      number += 1;
      const file = `proofs/${String(number).padStart(2, '0')}.${extensions[proof.type]}`;
      return { proof, file: contents.missing.has(proof.id) ? null : file };
    }),
  }));
  const input: SummaryInput = {
    line,
    booked,
    records: contents.records,
    payments,
    timeline,
    countsOnSeveral: countsOnSeveral(countsOn),
  };
  const kept = payments.flatMap(({ proofs }) =>
    proofs.flatMap(({ proof, file }) => (file === null ? [] : [{ proof, file }])),
  );
  const written = writtenOf(input, ledger, locale);
  const digests = [
    ...written.map(({ name, body }) => `${hash('sha256', body)}  ${name}\n`),
    ...kept.map(({ proof, file }) => `${proof.sha256}  ${file}\n`),
  ];
  return [
    ...written,
    { name: 'SHA256SUMS', body: digests.join('') },
    // Pictures and documents are compressed already.
    ...kept.map(({ proof, file }) => ({ name: file, body: () => read(proof), store: true })),
  ];
}

/** A ZIP knows no earlier date, and none of ours may move its bytes. */
const DATE = new Date('1980-01-01T00:00:00Z');

const add = (zip: ZipStream, { name, store = false }: Entry, source: string | Readable): Promise<void> =>
  new Promise((resolve, reject) => {
    const hangUp = () => typeof source !== 'string' && source.destroy();
    if (typeof source !== 'string') {
      if (zip.destroyed) {
        source.destroy();
        reject(new Error('nobody reads it any more'));
        return;
      }
      // The archive itself would wait for ever for one that closes before its end, and leave open one that it does not use.
      finished(source, { writable: false }, (error) => error && reject(error));
      zip.once('close', hangUp);
    }
    zip.entry(
      typeof source === 'string' ? Buffer.from(source) : source,
      { name, store, date: DATE },
      (error: Error | null) => {
        zip.off('close', hangUp);
        if (error) reject(error);
        else resolve();
      },
    );
  });

async function fill(zip: ZipStream, entries: Entry[]) {
  for (const entry of entries) {
    await add(zip, entry, typeof entry.body === 'string' ? entry.body : await entry.body());
  }
  zip.finalize();
}

/** The ZIP as a stream; it breaks off where a file cannot be read, so that a half one is not taken for a whole. */
export function dossier(
  contents: Contents,
  extensions: Record<Proof['type'], string>,
  read: (proof: Proof) => Promise<Readable>,
): Readable {
  const zip = new ZipStream({ zlib: { level: 9 } });
  fill(zip, entriesOf(contents, extensions, read)).catch((error: Error) => zip.destroy(error));
  return zip;
}
