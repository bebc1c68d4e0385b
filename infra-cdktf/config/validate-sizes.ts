import { failed } from './check.ts';
import type { DatabaseSize, Environment, FargateSize } from './environment.ts';

/** Memory that Fargate offers per CPU size, in MB: from, to, step. */
const fargateMemory: Readonly<Record<number, readonly [number, number, number]>> = {
  256: [512, 2048, 512],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16384, 1024],
  4096: [8192, 30720, 1024],
};

export function sizeProblems(env: Environment): string[] {
  const { sizes } = env;
  const { baseRpu, maxRpu, dailyRpuHours } = sizes.redshift;
  const shards = sizes.temporal.historyShards;
  return [
    ...databaseProblems('controlDatabase', sizes.controlDatabase),
    ...databaseProblems('postgresSource', sizes.postgresSource),
    ...databaseProblems('mysqlSource', sizes.mysqlSource),
    ...fargateProblems('temporal', sizes.temporal),
    ...fargateProblems('worker', sizes.worker),
    ...failed([
      [
        sizes.worker.minTasks >= 1 && sizes.worker.maxTasks >= sizes.worker.minTasks,
        'sizes.worker needs 1 <= minTasks <= maxTasks',
      ],
      [sizes.temporal.tasksPerRole >= 1, 'sizes.temporal.tasksPerRole must be 1 at least'],
      [shards >= 1 && shards <= 16384, 'sizes.temporal.historyShards must be between 1 and 16384'],
      [sizes.glue.workers >= 2, 'sizes.glue.workers must be 2 at least: Glue takes no less'],
      [
        baseRpu % 8 === 0 && baseRpu >= 8 && baseRpu <= 512,
        `sizes.redshift.baseRpu is ${baseRpu}; give a multiple of 8 from 8 to 512`,
      ],
      [
        maxRpu % 8 === 0 && maxRpu >= baseRpu,
        `sizes.redshift.maxRpu is ${maxRpu}; give a multiple of 8, at least baseRpu`,
      ],
      [dailyRpuHours > 0, 'sizes.redshift.dailyRpuHours must be above 0: it is the brake on costs'],
      [
        sizes.emr.maxVcpu >= 4 && sizes.emr.maxMemoryGb >= 8,
        'sizes.emr needs 4 vCPU and 8 GB at least for a driver and an executor',
      ],
    ]),
  ];
}

function databaseProblems(field: string, size: DatabaseSize): string[] {
  return failed([
    [
      /^db\.[a-z0-9]+\.[a-z0-9]+$/.test(size.instanceClass),
      `sizes.${field}.instanceClass "${size.instanceClass}" is none`,
    ],
    [size.storageGb >= 20, `sizes.${field}.storageGb is ${size.storageGb}; gp3 starts at 20`],
    [size.maxStorageGb > size.storageGb, `sizes.${field}.maxStorageGb must be above storageGb`],
  ]);
}

function fargateProblems(field: string, { cpu, memoryMb }: FargateSize): string[] {
  const range = fargateMemory[cpu];
  if (range === undefined)
    return [`sizes.${field}.cpu is ${cpu}; Fargate takes ${Object.keys(fargateMemory).join(', ')}`];
  const [from, to, step] = range;
  const fits = memoryMb >= from && memoryMb <= to && (memoryMb % step === 0 || memoryMb === from);
  return failed([
    [
      fits,
      `sizes.${field}.memoryMb is ${memoryMb}; with ${cpu} CPU units Fargate takes ${from} to ${to} by ${step}`,
    ],
  ]);
}
