export { perhapsMeant as nearest } from '../spelling.ts';
