/** `GET /v1/lines/{line}/dossier`: all data about a line as a ZIP, to show to a third party. */
import { Type } from 'typebox';
import { type Contents, dossier } from '../dossier/index.ts';
import { EXTENSIONS } from '../proofs/index.ts';
import { LineParams } from '../schemas/lines.ts';
import { type App, withPinnedRules } from '../service/context.ts';
import { logLostFile } from '../service/proof-keeping.ts';
import { ruleOf } from '../service/record-checks.ts';
import { notFound } from './errors.ts';
import { visibleLine } from './lines.ts';
import { ATTACHMENT, responses } from './schemas.ts';
import type { Server } from './server.ts';

/** Ids of the proofs whose files are lost: the dossier lists them as missing instead of failing. */
async function missingOf(app: App, { payments }: Pick<Contents, 'payments'>): Promise<ReadonlySet<string>> {
  const missing = new Set<string>();
  for (const { proofs } of payments) {
    await Promise.all(
      proofs.map(async (proof) => {
        if (await app.proofs.has(proof)) return;
        await logLostFile(app, proof);
        missing.add(proof.id);
      }),
    );
  }
  return missing;
}

export function dossiers(app: App, server: Server) {
  server.get(
    '/lines/:line/dossier',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getDossier',
        tags: ['Payments'],
        summary: "Download a line's dossier",
        description:
          "A ZIP: a summary in the carrier's language and the person's, the ledger, payments, proofs with " +
          'their digests, the rule and its sources as they stand. The same state gives the same bytes. A proof ' +
          'whose file is missing is listed as such.',
        params: LineParams,
        response: responses({
          200: {
            description: 'The dossier.',
            headers: ATTACHMENT,
            content: { 'application/zip': { schema: Type.String({ format: 'binary' }) } },
          },
        }),
      },
    },
    async (request, reply) => {
      const { id } = visibleLine(request.principal, await app.store.lines.get(request.params.line));
      const pinned = withPinnedRules(app);
      const contents = await app.store.snapshot(async (q) => {
        const line = visibleLine(request.principal, await q.lines.get(id));
        const owner = await q.users.get(line.user);
        if (!owner) throw notFound('line');
        const records = await q.records.ofLine(id);
        const payments = (await q.payments.ofLines([id])).get(id) ?? [];
        const proofs = await q.proofs.ofPayments(payments.map((payment) => payment.id));
        const withProofs = payments.map((payment) => ({ payment, proofs: proofs.get(payment.id) ?? [] }));
        return { line, booked: ruleOf(pinned, line), records, payments: withProofs, locale: owner.locale };
      });
      const missing = await missingOf(app, contents);
      return reply
        .type('application/zip')
        .headers({
          'content-disposition': `attachment; filename="dossier-${id.slice(-12)}.zip"`,
          'cache-control': 'private, no-store',
          'x-content-type-options': 'nosniff',
        })
        .send(dossier({ ...contents, missing }, EXTENSIONS, app.proofs.read));
    },
  );
}
