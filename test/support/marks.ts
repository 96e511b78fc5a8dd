import { thisNode } from '../../src/lib/node.ts';

/** A process that there cannot be: more than Linux gives. */
export const NOBODY = 2 ** 22 + 1;

/** The mark of another process beside this one. */
export const markOf = (pid: number): string => {
  const [host, , life = ''] = thisNode().split('/');
  return `${host}/${pid}/deadbeef${life.slice(life.indexOf('.'))}`;
};
