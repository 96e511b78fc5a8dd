/** `export`: everything in the database, in the form that an import takes. */
import { once } from 'node:events';
import { exportRows } from '../../service/export.ts';
import type { Command } from '../command.ts';
import { findUser } from '../find-user.ts';
import { withApp } from '../open.ts';

export const exportCommand: Command = {
  name: 'export',
  takes: '',
  summary: 'Print everything in the database as NDJSON.',
  help: `
Prints the people of the database in DATABASE_URL, their lines, payments, records, marks and feeds, one JSON object a line, in the form that "keepline import" and POST /v1/import
take. Keys and feed addresses are not exported. The service may keep running.`,
  examples: ['keepline export > all.ndjson', 'keepline export --user anna'],
  options: {
    proofs: { type: 'boolean', text: 'Include the files of proofs.' },
    user: { type: 'string', value: 'USER', text: 'Only this person, by id or external_id.' },
  },
  async run(call) {
    let missing = 0;
    const onMissing = (proof: string) => {
      missing += 1;
      call.complain(`keepline: the file of the proof ${proof} is gone; it is left out.`);
    };
    await withApp(call, async (app) => {
      const name = call.text('user');
      const user = name === undefined ? null : await findUser(app.store, name);
      const rows = exportRows(app, user?.id ?? null, { proofs: call.flag('proofs'), onMissing });
      for await (const row of rows) {
        if (!call.stdout.write(row)) await once(call.stdout, 'drain');
      }
    });
    return missing > 0 ? 1 : 0;
  },
};
