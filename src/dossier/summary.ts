/** The summary that a support desk can read: one HTML page that prints well and needs nothing else. */
import { html } from 'ghtml';
import { cleanLine, cleanText } from '../calendar/index.ts';
import { linkStepOf } from '../ledger.ts';
import { isOverdue, parseAmount, parseDay, plannedFrom } from '../retention/index.ts';
import type { Money, RecordInput } from '../retention/record.ts';
import type { Timeline } from '../retention/timeline.ts';
import type { BookedRule } from '../rulebook/index.ts';
import type { Line, Payment, PaymentChange, Proof, StoredRecord } from '../store/types.ts';
import {
  capitalize,
  doubtText,
  formatDate,
  formatMoment,
  formatMoney,
  inLanguage,
  LANGUAGE_TAGS,
  type Locale,
  PUNCTUATION,
  provisionalText,
  recordDays,
  recordPhrase,
  say,
  sourceText,
  type TimelineJson,
} from '../wording/index.ts';

/** A proof and its place in the dossier; null where its file is lost. */
type FiledProof = { proof: Proof; file: string | null };

export type SummaryInput = {
  line: Line;
  booked: BookedRule;
  records: readonly StoredRecord[];
  payments: readonly { payment: Payment; proofs: readonly FiledProof[] }[];
  timeline: Timeline;
  /** Its last safe day depends on several payments that are awaited. */
  countsOnSeveral: boolean;
};

const STYLE = `
:root { color-scheme: light; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 60rem; padding: 1.25rem; color: #1a1a1a; background: #fff }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere }
h2 { font-size: 1.125rem; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 2px solid #1a1a1a }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .25rem 1rem; margin: 0 }
dt { color: #555 } dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .375rem .75rem .375rem 0; border-bottom: 1px solid #ccc; overflow-wrap: anywhere }
th { color: #555; font-weight: 600 }
.date td:first-child, .date th:first-child { white-space: nowrap }
.date td:nth-child(2), .date th:nth-child(2) { min-width: 11rem; overflow-wrap: break-word }
code { font-size: .8em; overflow-wrap: anywhere }
.void td { text-decoration: line-through; color: #666 }
.voided { display: inline-block; text-decoration: none }
ol { padding-left: 1.25rem } li { margin: .25rem 0; overflow-wrap: anywhere }
@media (max-width: 40rem) {
  dl { grid-template-columns: 1fr } dt { margin-top: .5rem }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid #ccc }
  td:empty { display: none }
  td { display: block; border: 0; padding: .125rem 0 }
  td[data-name]::before { content: attr(data-name) ": "; color: #555 }
  :lang(zh) td[data-name]::before { content: attr(data-name) "：" }
}
@media print { body { max-width: none; padding: 0 } tr, li { break-inside: avoid } h2 { break-after: avoid } }
`;

const money = ({ amount, currency }: Money, locale: Locale) =>
  formatMoney(locale, parseAmount(amount), currency);

const dateOf = (text: string, zone: string, locale: Locale) =>
  formatDate(locale, recordDays(text, zone).latest);
/** A moment as everybody may read it: its day and time in UTC. */
const momentOf = (moment: string, locale: Locale) => `${formatMoment(locale, new Date(moment), 'UTC')} UTC`;

/** When something about the line was last recorded. */
const lastMoment = ({ line, records, payments }: SummaryInput): string =>
  [
    line.created_at,
    ...records.map(({ recorded_at }) => recorded_at),
    ...payments.flatMap(({ payment, proofs }) => [
      ...payment.changes.map(({ at }) => at),
      ...proofs.map(({ proof }) => proof.created_at),
    ]),
  ].reduce((a, b) => (a > b ? a : b));

function amountIn(record: RecordInput, locale: Locale): string {
  if (record.type === 'plan') return money(record.price, locale);
  if (record.type === 'activity') return record.charge ? money(record.charge, locale) : '';
  if (record.type === 'validity') return formatDate(locale, parseDay(record.until) as number);
  return 'amount' in record && record.amount ? money(record.amount, locale) : '';
}

/** What a person typed, as markup: cleaned as in a calendar, and isolated from the writing direction around it. */
const userText = (text: string): string => html`<bdi>${cleanText(text)}</bdi>`;

/** A row of named cells; `values` are markup. */
const row = (cells: readonly [name: string, value: string][], className = ''): string =>
  html`<tr class="${className}">!${cells.map(([name, value]) => html`<td data-name="${name}">!${value}</td>`)}</tr>`;

const table = (names: readonly string[], rows: readonly string[]): string =>
  html`<table><thead><tr>!${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>!${rows}</tbody></table>`;

function ledgerTable({ records, timeline, line }: SummaryInput, locale: Locale): string {
  const when = say(locale, 'dossier.entered');
  const what = say(locale, 'dossier.record');
  const sum = say(locale, 'dossier.amount');
  if (records.length === 0) return html`<p>${say(locale, 'dossier.none')}</p>`;
  return table(
    [what, sum, when],
    records.map(({ id, body, recorded_at, voided_by, pending }) => {
      const zone = line.time_zone ?? timeline.time_zone;
      const phrase = capitalize(recordPhrase({ id, input: body, pending }, zone, locale));
      const voided =
        voided_by === null
          ? ''
          : html`${PUNCTUATION[locale].space}<span class="voided">${say(locale, 'dossier.voided')}</span>`;
      return row(
        [
          [what, html`${phrase}!${voided}`],
          [sum, html`${amountIn(body, locale)}`],
          [when, html`${momentOf(recorded_at, locale)}`],
        ],
        voided_by === null ? '' : 'void',
      );
    }),
  );
}

/** Why a payment changed, as markup: the service's own reason in the language of the page; empty for none. */
function reasonOf(change: PaymentChange, locale: Locale): string {
  const link = linkStepOf(change);
  if (link) return html`${say(locale, link === 'said' ? 'dossier.by_link' : 'dossier.undone_by_link')}`;
  return change.reason ? userText(change.reason) : '';
}

/** The key of the text for a payment without proofs: what its owner has said about them. */
const absenceOfProofs = ({ no_proof, proof_elsewhere }: Payment) =>
  proof_elsewhere ? 'dossier.proof_elsewhere' : no_proof ? 'dossier.no_proof' : 'dossier.none';

function paymentSection(
  { payment, proofs }: SummaryInput['payments'][number],
  { timeline }: SummaryInput,
  locale: Locale,
): string {
  const { body, state, changes } = payment;
  const { colon, comma, dash, open, close } = PUNCTUATION[locale];
  const withDash = (markup: string) => (markup === '' ? '' : html`${dash}!${markup}`);
  /** `value` is markup. */
  const term = (key: Parameters<typeof say>[1], value: string) =>
    html`<dt>${say(locale, key)}</dt><dd>!${value}</dd>`;
  return html`<h3>${dateOf(body.paid_at, timeline.time_zone, locale)} · ${money(body.amount, locale)} · ${say(locale, `payment.${state}`)}</h3>
<dl>
!${term('dossier.channel', html`${say(locale, `channel.${body.channel}`)}`)}
!${body.reference ? term('dossier.reference', userText(body.reference)) : ''}
!${body.credited ? term('dossier.credited', html`${money(body.credited, locale)}`) : ''}
!${body.product ? term('dossier.product', userText(body.product)) : ''}
!${body.note ? term('dossier.note', userText(body.note)) : ''}
!${term(
    'dossier.life',
    html`<ol>!${changes.map(
      (change) =>
        html`<li>${momentOf(change.at, locale)}${colon}${say(locale, `payment.${change.state}`)}!${withDash(reasonOf(change, locale))}${change.imported ? `${open}${say(locale, 'dossier.imported')}${close}` : ''}</li>`,
    )}</ol>`,
  )}
!${term(
    'dossier.proofs',
    proofs.length === 0
      ? say(locale, absenceOfProofs(payment))
      : html`<ol>!${proofs.map(
          ({ proof, file }) =>
            html`<li>${file ?? say(locale, 'dossier.file_missing')}!${proof.name ? html`${open}!${userText(proof.name)}${close}` : ''}${comma}${proof.type}${comma}${String(proof.size)} B${comma}${momentOf(proof.created_at, locale)}<br><code>SHA-256 ${proof.sha256}</code></li>`,
        )}</ol>`,
  )}
</dl>`;
}

/** `timelineJson` has the same stages, with the reason for each in words. */
function stagesTable(timeline: Timeline, timelineJson: TimelineJson, locale: Locale): string {
  const from = say(locale, 'dossier.from');
  const stage = say(locale, 'dossier.stage');
  const why = say(locale, 'dossier.why');
  const { open, close } = PUNCTUATION[locale];
  const markup = table(
    [from, stage, why],
    timeline.stages.map((entry, index) => {
      const may = entry.certainty === 'may' ? `${open}${say(locale, 'dossier.may')}${close}` : '';
      const doubt = doubtText(entry, locale);
      return row([
        [from, html`${formatDate(locale, plannedFrom(entry))}`],
        [
          stage,
          html`${say(locale, `stage.${entry.stage}`)}${may}!${doubt === null ? '' : html`<br>${doubt}`}`,
        ],
        [why, html`${timelineJson.stages[index]?.because.text ?? ''}`],
      ]);
    }),
  );
  return html`<div class="date">!${markup}</div>`;
}

/** The page in a language; `timelineJson` is the timeline in the same language. The same state gives the same text. */
export function summary(input: SummaryInput, timelineJson: TimelineJson, locale: Locale): string {
  const { line, booked, payments, timeline } = input;
  const { carrier, rule } = booked;
  const { comma, open, close } = PUNCTUATION[locale];
  const who = cleanLine(line.number ?? line.label);
  const title = say(locale, 'dossier.title', { who });
  const [beforeWho, afterWho] = say(locale, 'dossier.title', { who: '\n' }).split('\n');
  const actBy =
    timelineJson.act_by === null
      ? capitalize(say(locale, 'page.not_known'))
      : formatDate(locale, parseDay(timelineJson.act_by) as number);
  const { at_risk_since } = timeline;
  const overdue =
    at_risk_since === null || !isOverdue(timeline)
      ? ''
      : html`<dt>${say(locale, 'kind.overdue')}</dt><dd>${say(locale, 'text.overdue', { date: formatDate(locale, at_risk_since) })}</dd>`;
  const provisional = provisionalText(timeline, locale, input.countsOnSeveral);
  const unsure = provisional === null ? '' : html`<br>${provisional}`;
  const page = html`<!doctype html>
<html lang="${LANGUAGE_TAGS[locale]}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>!${STYLE}</style>
<main>
<h1>${beforeWho}<bdi>${who}</bdi>${afterWho}</h1>
<p>${say(locale, 'dossier.lead', { date: momentOf(lastMoment(input), locale) })}</p>
<dl>
<dt>${say(locale, 'dossier.carrier')}</dt><dd>${inLanguage(carrier.names, locale)}${open}${carrier.carrier}${close}</dd>
<dt>${say(locale, 'dossier.rule')}</dt><dd>${inLanguage(rule.name, locale)}${open}${booked.id}${comma}${timelineJson.version}${close}</dd>
<dt>${say(locale, 'dossier.label')}</dt><dd>!${userText(line.label)}</dd>
<dt>${say(locale, 'dossier.stage_on', { date: formatDate(locale, timeline.as_of) })}</dt><dd>${say(locale, `stage.${timelineJson.stage}`)}</dd>
!${overdue}
<dt>${say(locale, isOverdue(timeline) ? 'page.worse' : 'kind.last_safe_day')}</dt><dd>${actBy}!${unsure}</dd>
</dl>
<h2>${say(locale, 'dossier.payments')}</h2>
!${payments.length === 0 ? html`<p>${say(locale, 'dossier.none')}</p>` : payments.map((one) => paymentSection(one, input, locale))}
<h2>${say(locale, 'dossier.ledger')}</h2>
!${ledgerTable(input, locale)}
<h2>${say(locale, 'dossier.timeline')}</h2>
!${stagesTable(timeline, timelineJson, locale)}
<h2>${say(locale, 'dossier.sources')}</h2>
<ol>!${Object.values(carrier.evidence).map((one) => html`<li>${sourceText(one, locale, timeline.as_of)} <span lang="en">${one.says}</span></li>`)}</ol>
</main>
</html>
`;
  return page;
}
