/** Prints all texts; run in a process with another time zone than the test's. */
import { printAll } from './texts.ts';

process.stdout.write(printAll());
