/** Words a `mend` with the API's routes and parameters. */
import { type Mend, wordMend } from '../service/mend.ts';

const ROUTES = { rules: 'GET /v1/rules', simulations: 'POST /v1/simulations' };

export const apiMend = (mend: Mend): string =>
  wordMend(mend, (meant) => ('see' in meant ? ROUTES[meant.see] : `\`${meant.option}=${meant.value}\``));
