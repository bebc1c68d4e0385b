import { bucketName, nameOf, roleArn } from '../names.ts';
import type { Place } from './environment.ts';
import { environments } from './index.ts';

/** `tsx config/print.ts <environment> plan|deploy`: what a workflow needs to know, as `key=value` lines. */
const [name, purpose] = process.argv.slice(2);
const env = environments.find((each) => each.name === name);
if (!env || (purpose !== 'plan' && purpose !== 'deploy')) {
  throw new Error(`usage: print.ts ${environments.map((each) => each.name).join('|')} plan|deploy`);
}
const values = {
  region: env.region,
  role: roleArn(env, nameOf(env, purpose)),
  scripts: bucketName(env, 'scripts'),
  registry: registry(env),
  worker: nameOf(env, 'worker'),
  mirror: nameOf(env, 'mirror'),
  source: env.imagesFrom ? `${registry(env.imagesFrom)}/${nameOf(env.imagesFrom, 'worker')}` : '',
};
function registry({ account, region }: Place): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com`;
}

for (const [key, value] of Object.entries(values)) console.log(`${key}=${value}`);
