import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../core/errors.ts';
import { resolvePipeline } from '../../core/resolve.ts';
import { fieldsOf, reference } from './reference.ts';

describe('docs/reference.md', () => {
  it("says what the types say: 'npm run reference' writes it anew", async () => {
    const file = join(import.meta.dirname, '..', '..', 'docs', 'reference.md');
    const wanted = await format(reference(), { ...(await resolveConfig(file)), filepath: file });
    expect(readFileSync(file, 'utf8')).toBe(wanted);
  });

  it.each([
    ...['PipelineDefinition', 'CommonTable', 'TableChecks', 'PlacedTask', 'WorkingTask', 'WaitTask'],
    ...[
      'DashboardDefinition',
      'DataDefinition',
      'JoinDefinition',
      'DimensionDefinition',
      'MeasureWords',
      'SelectPanel',
      'TextPanel',
    ],
  ])('has a meaning for every field of %s', (name) => {
    expect(fieldsOf(name).filter(({ meaning }) => meaning === '')).toEqual([]);
  });

  it('has no field that a definition may not have', () => {
    const unknown = (definition: object): string => {
      try {
        resolvePipeline(definition);
        return '';
      } catch (error) {
        if (!(error instanceof InvalidInput)) throw error;
        return error.problems.filter((problem) => problem.includes('knows no')).join();
      }
    };
    const all = (name: string) => Object.fromEntries(fieldsOf(name).map((field) => [field.name, null]));
    expect(unknown({ ...all('PipelineDefinition'), tables: { orders: all('CommonTable') } })).toBe('');
    const checks = all('TableChecks');
    expect(unknown({ name: 'shop', tables: { orders: { checks } } })).toBe('');
    expect(unknown({ name: 'shop', tables: { orders: { checks: { ...checks, volum: 1 } } } })).toContain(
      'volum',
    );
  });
});
