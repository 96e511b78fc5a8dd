/** Words a `mend` with the API's routes and parameters. */
import { formatMend, type Mend } from '../service/mend.ts';

const ROUTES = { rules: 'GET /v1/rules', simulations: 'POST /v1/simulations' };

export const formatApiMend = (mend: Mend): string =>
  formatMend(mend, (meant) => ('see' in meant ? ROUTES[meant.see] : `\`${meant.option}=${meant.value}\``));
