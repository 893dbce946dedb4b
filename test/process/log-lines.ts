import { createLogger, openLogDestination } from '../../src/log/create-logger.ts';

/*
 * Writes more log lines than a reader that stalls can take, says so to the parent process, and exits with 78 directly after one
 * more line when the parent asks for it.
 */
const count = Number(process.argv[2]);
const destination = await openLogDestination();
const logger = createLogger({ level: 'info', secrets: [], destination });
const text = 'word '.repeat(200);
for (let number = 1; number <= count; number += 1) logger.info({ number, text }, 'a line');
// The event loop still turns: otherwise this never arrives.
setImmediate(() => process.send?.({ dropped: destination.dropped() }));
process.on('message', (message) => {
  if (message === 'write') {
    logger.info('a later line');
    return void process.send?.('written');
  }
  logger.fatal('the last line');
  process.exit(78);
});
