import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes long comes first: begun last, it would keep one worker busy and leave the others without work. */
const LONG = [
  'test/lakehouse/',
  'test/e2e/',
  'test/faults/',
  'test/bikestore/',
  'test/history/',
  'test/changes/',
  'connectors/transform/',
  'connectors/warehouse/redshift/',
  'cli/embedded/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((folder) => moduleId.includes(`/${folder}`));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'infra-cdktf/**', '.tools/**', '.sluice/**', 'dist/**'],
    globalSetup: ['test/setup/servers.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Most of what is tested are servers and processes that are waited for: two cores carry three.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
});
