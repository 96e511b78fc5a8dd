/** The process: reads the environment, serves, and on a signal ends what is under way before it goes. */
import closeWithGrace from 'close-with-grace';
import { ConfigError, readConfig } from './config.ts';
import { StartError, startService } from './start.ts';
import { StoreError } from './store/errors.ts';

try {
  // From here on, so that one during the start, which reads the rules anyway, does not end the process.
  let reload = () => {};
  process.on('SIGHUP', () => reload());
  const service = await startService(readConfig(process.env));
  reload = () => void service.reload();
  closeWithGrace({ delay: 10_000, logger: service.app.log, skip: ['SIGHUP'] }, () => service.close());
  service.app.log.info({ address: await service.listen() }, 'listening');
} catch (error) {
  const known = error instanceof ConfigError || error instanceof StartError || error instanceof StoreError;
  process.stderr.write(`keepline: ${known ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
