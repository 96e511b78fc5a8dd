/** The service process: reads the environment, serves, and shuts down gracefully on a signal. */
import closeWithGrace from 'close-with-grace';
import { readConfig } from './config.ts';
import { failureText } from './failure.ts';
import { startService } from './start.ts';

function onHangUp(reload: () => void) {
  process.on('SIGHUP', reload);
  return () => void process.off('SIGHUP', reload);
}

try {
  const service = await startService(readConfig(process.env), { onHangUp });
  closeWithGrace({ delay: 10_000, logger: service.app.log, skip: ['SIGHUP'] }, () => service.close());
  service.app.log.info({ address: await service.listen() }, 'listening');
} catch (error) {
  process.stderr.write(failureText(error));
  process.exit(1);
}
