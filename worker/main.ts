import { pino } from 'pino';
import { PipelineError } from '../core/errors.ts';
import { dashboards } from '../dashboards/index.ts';
import { registry } from '../pipelines/index.ts';
import { readProfile } from '../profiles/read.ts';
import { secretStores } from '../profiles/secret-stores.ts';
import { codeVersion } from './code-version.ts';
import { runWorker } from './worker.ts';

const { env } = process;
const log = pino({
  name: 'sluice-worker',
  level: env['SLUICE_LOG_LEVEL'] ?? 'info',
  redact: { paths: ['*.password', 'password'], censor: '***' },
});

try {
  for (const { message } of [...registry.broken.values(), ...dashboards.broken])
    log.error(`left out: ${message}`);
  const readAnew = () => readProfile(env['SLUICE_PROFILE'] ?? 'embedded', secretStores(env));
  await runWorker({
    profile: await readAnew(),
    readAnew,
    registry,
    dashboards,
    codeVersion: codeVersion(env['SLUICE_CODE_VERSION']),
    log,
  });
} catch (error) {
  if (error instanceof PipelineError) log.fatal(error.message);
  else log.fatal(error, 'worker failed');
  process.exit(1); // what is half open would keep it
}
