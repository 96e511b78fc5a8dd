/** Words a mend in terms of the commands and options of the command line. */
import { type Mend, wordMend } from '../service/mend.ts';

const COMMANDS = { rules: '"keepline rules check"', simulations: '"keepline timeline"' };

export const terminalMend = (mend: Mend): string =>
  wordMend(mend, (meant) => ('see' in meant ? COMMANDS[meant.see] : `\`--${meant.option} ${meant.value}\``));
