// Imported into a child that is measured: when it ends, it tells what it has used.
import { writeSync } from 'node:fs';

const USAGE = 3; // file descriptor
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(
    USAGE,
    JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakRssMb: process.resourceUsage().maxRSS / 1024 }),
  );
});
