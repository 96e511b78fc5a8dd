/** Words a mend in terms of the commands and options of the command line. */
import { formatMend, type Mend } from '../service/mend.ts';

const COMMANDS = { rules: '"keepline rules check"', simulations: '"keepline timeline"' };

export const terminalMend = (mend: Mend): string =>
  formatMend(mend, (meant) =>
    'see' in meant ? COMMANDS[meant.see] : `\`--${meant.option} ${meant.value}\``,
  );
