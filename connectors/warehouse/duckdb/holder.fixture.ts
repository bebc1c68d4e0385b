import { DuckDBInstance } from '@duckdb/node-api';

// Another program: holds a warehouse file until it is killed, in the access mode given.
const [, , file = '', mode = 'READ_WRITE'] = process.argv;
const instance = await DuckDBInstance.create(file, { access_mode: mode });
await instance.connect();
process.stdout.write('holding\n');
setInterval(() => undefined, 1000);
