import { newApp } from './app.ts';
import { environments } from './config/index.ts';
import { validate } from './config/validate.ts';
import { accountStacks, environmentStacks } from './stacks/index.ts';

validate(environments);
const app = newApp('cdktf.out');
accountStacks(app, environments);
for (const env of environments) environmentStacks(app, env, environments);
app.synth();
