/** Prints all texts, for a process in another time zone than the test's. */
import { printAll } from './texts.ts';

process.stdout.write(printAll());
