import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { environments } from '../config/index.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly permissions?: Record<string, string>;
  readonly environment?: string;
  readonly steps: readonly Step[];
  readonly 'timeout-minutes'?: number;
}
interface Workflow {
  readonly permissions: Record<string, string>;
  readonly concurrency?: { readonly 'cancel-in-progress'?: boolean };
  readonly jobs: Record<string, Job>;
}

const folder = join(import.meta.dirname, '../../.github/workflows');
const read = (name: string): Workflow => parse(readFileSync(join(folder, name), 'utf8')) as Workflow;
const text = (job: Job | undefined): string => (job?.steps ?? []).map((step) => step.run ?? '').join('\n');

describe.each(['infra.yml', 'deploy.yml', 'drift.yml', 'destroy.yml'])('%s', (name) => {
  const workflow = read(name);
  const jobs = Object.values(workflow.jobs);

  it('starts without any permission and gives each job its own', () => {
    expect(workflow.permissions).toEqual({});
    expect(jobs.filter((job) => job.permissions === undefined)).toEqual([]);
  });

  it('never writes to the repository', () => {
    expect(
      jobs
        .flatMap((job) => Object.entries(job.permissions ?? {}))
        .filter(([scope, access]) => access === 'write' && scope !== 'id-token'),
    ).toEqual([]);
  });

  it('pins every action by commit', () => {
    const uses = jobs.flatMap((job) => job.steps.flatMap((step) => step.uses ?? []));
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });

  it('puts no expression into a shell', () => {
    expect(jobs.flatMap((job) => job.steps).filter((step) => step.run?.includes('${{'))).toEqual([]);
  });

  it('ends by itself', () => {
    expect(jobs.filter((job) => job['timeout-minutes'] === undefined)).toEqual([]);
  });
});

describe('deployment', () => {
  const { jobs, concurrency } = read('deploy.yml');

  it('waits for approval and for the deployment before it', () => {
    expect(jobs['deploy']?.environment).toBeDefined();
    expect(concurrency?.['cancel-in-progress']).toBe(false);
  });

  it('follows ci, and takes the commit that it has passed', () => {
    const source = readFileSync(join(folder, 'deploy.yml'), 'utf8');
    expect(source).toMatch(/workflow_run:\n\s+workflows: \[ci\]/);
    expect(source).not.toMatch(/^ {2}push:/m);
    expect(source).toContain("workflow_run.conclusion == 'success'");
    expect(source).toContain('ref: ${{ env.TAG }}');
  });

  it('builds the image once: other environments take it as it is', () => {
    expect(text(jobs['deploy'])).toContain(
      'docker buildx imagetools create --tag "$repository:$TAG" "$SOURCE:$TAG"',
    );
    expect(text(jobs['deploy'])).toContain('docker build --platform linux/amd64');
    expect(environments.filter(({ imagesFrom }) => imagesFrom === undefined).map(({ name }) => name)).toEqual(
      ['dev'],
    );
  });

  it('has storage, scripts and images before the rest', () => {
    const order = [
      'npm run synth',
      '--stack storage',
      'upload-spark.ts',
      'mirror-images.ts',
      'docker push',
      '--var "worker_image_tag',
    ].map((part) => text(jobs['deploy']).indexOf(part));
    expect(order).not.toContain(-1);
    expect([...order].sort((a, b) => a - b)).toEqual(order);
  });
});

describe('the image', () => {
  it('knows which commit it was built from', () => {
    expect(text(read('deploy.yml').jobs['deploy'])).toContain('--build-arg "CODE_VERSION=$TAG"');
    expect(readFileSync(join(folder, '../../Dockerfile'), 'utf8')).toContain('ARG CODE_VERSION');
  });

  it.each(['drift.yml', 'infra.yml'])('that runs is found by its container in %s', (name) => {
    const commands = Object.values(read(name).jobs).map(text).join('\n');
    expect(commands).toContain("containerDefinitions[?name=='worker'].image");
    expect(commands).not.toMatch(/containerDefinitions\[\d/);
  });
});

describe('which environments there are', () => {
  it.each(['drift.yml', 'infra.yml', 'deploy.yml'])('says one variable, for %s', (name) => {
    const source = readFileSync(join(folder, name), 'utf8');
    expect(source).toContain('fromJSON(vars.AWS_ENVIRONMENTS');
    expect(source).not.toMatch(/AWS_(PLAN|DEPLOY)_ENABLED|environment: \[dev, staging, production\]/);
  });
});

describe('destruction', () => {
  it('is approved, and confirmed by name', () => {
    const source = readFileSync(join(folder, 'destroy.yml'), 'utf8');
    expect(read('destroy.yml').jobs['destroy']?.environment).toBeDefined();
    expect(source).toContain('inputs.confirm == inputs.environment');
    expect(source).not.toMatch(/^ {2}(push|schedule|pull_request):/m);
  });
});
