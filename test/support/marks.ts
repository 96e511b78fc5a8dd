import { thisNode } from '../../src/lib/node.ts';

/** A process id that cannot exist: above Linux's maximum. */
export const NOBODY = 2 ** 22 + 1;

/** The node mark of another process on this machine. */
export const markOf = (pid: number): string => {
  const [host, , life = ''] = thisNode().split('/');
  return `${host}/${pid}/deadbeef${life.slice(life.indexOf('.'))}`;
};
