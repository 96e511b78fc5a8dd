/**
 * A line's dossier: a ZIP with everything that a support desk, a bank or a court may ask for. It is made as of the
 * line's last record and does not depend on the current time, so that the same state gives the same bytes.
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

/** The countries in which a carrier's support reads Russian or Chinese; for all others the summary is in English. */
const RUSSIAN = new Set(['ru', 'by', 'kz', 'kg', 'uz', 'tj', 'am', 'ua', 'md', 'az', 'ge']);
const CHINESE = new Set(['cn', 'hk', 'mo', 'tw']);

function carrierLocale({ carrier }: BookedRule): Locale {
  const country = carrier.carrier.slice(0, 2);
  return RUSSIAN.has(country) ? 'ru' : CHINESE.has(country) ? 'zh' : 'en';
}

const prettyJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const ndjson = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

type TextDocument = { name: string; body: string };

/** The documents about the line, for people and for programs. */
function documentsOf(
  input: SummaryInput,
  ledger: ReturnType<typeof ledgerOf>,
  locale: Locale,
): TextDocument[] {
  const { line, booked, records, payments, timeline } = input;
  const languages = [...new Set([carrierLocale(booked), locale])];
  // When a row was last written is not part of the line's state: an import changes it.
  const { user: _, updated_at: __, ...shown } = line;
  return [
    ...languages.map((language) => ({
      name: `summary.${language}.html`,
      body: summary(input, timelineJson(timeline, booked, language, ledger), language),
    })),
    { name: 'line.json', body: prettyJson(shown) },
    {
      name: 'ledger.ndjson',
      body: ndjson(
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
      body: ndjson(
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
    { name: `timeline.${locale}.json`, body: prettyJson(timelineJson(timeline, booked, locale, ledger)) },
    {
      name: 'rule.json',
      body: prettyJson({ ...booked.rule, id: booked.id, evidence: booked.carrier.evidence }),
    },
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
  const documents = documentsOf(input, ledger, locale);
  const digests = [
    ...documents.map(({ name, body }) => `${hash('sha256', body)}  ${name}\n`),
    ...kept.map(({ proof, file }) => `${proof.sha256}  ${file}\n`),
  ];
  return [
    ...documents,
    { name: 'SHA256SUMS', body: digests.join('') },
    // Pictures and documents are compressed already.
    ...kept.map(({ proof, file }) => ({ name: file, body: () => read(proof), store: true })),
  ];
}

/** The earliest date that a ZIP can hold, for every entry: the bytes must not depend on a date. */
const ENTRY_DATE = new Date('1980-01-01T00:00:00Z');

const addEntry = (zip: ZipStream, { name, store = false }: Entry, source: string | Readable): Promise<void> =>
  new Promise((resolve, reject) => {
    const destroySource = () => typeof source !== 'string' && source.destroy();
    if (typeof source !== 'string') {
      if (zip.destroyed) {
        source.destroy();
        reject(new Error('the reader has gone'));
        return;
      }
      // The archive would wait forever for a source that closes early, and leave open one that it does not use.
      finished(source, { writable: false }, (error) => error && reject(error));
      zip.once('close', destroySource);
    }
    zip.entry(
      typeof source === 'string' ? Buffer.from(source) : source,
      { name, store, date: ENTRY_DATE },
      (error: Error | null) => {
        zip.off('close', destroySource);
        if (error) reject(error);
        else resolve();
      },
    );
  });

async function writeEntries(zip: ZipStream, entries: Entry[]) {
  for (const entry of entries) {
    await addEntry(zip, entry, typeof entry.body === 'string' ? entry.body : await entry.body());
  }
  zip.finalize();
}

/**
 * The ZIP as a stream. It is destroyed when a file cannot be read, so that an incomplete archive is not taken for a
 * complete one.
 */
export function dossier(
  contents: Contents,
  extensions: Record<Proof['type'], string>,
  read: (proof: Proof) => Promise<Readable>,
): Readable {
  const zip = new ZipStream({ zlib: { level: 9 } });
  writeEntries(zip, entriesOf(contents, extensions, read)).catch((error: Error) => zip.destroy(error));
  return zip;
}
