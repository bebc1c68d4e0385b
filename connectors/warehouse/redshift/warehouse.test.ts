import { missing, ROLE, startRedshiftBench } from '../../../aws-local/redshift-bench/redshift-harness.ts';
import { warehouseConforms } from '../conformance/suite.ts';
import { RedshiftWarehouse } from './warehouse.ts';

warehouseConforms(
  'RedshiftWarehouse',
  async () => {
    const bench = await startRedshiftBench();
    const warehouse = new RedshiftWarehouse({
      data: bench.client(),
      s3: bench.s3,
      place: { workgroup: 'sluice', database: bench.postgres.database },
      copyRole: ROLE,
      // The suite asks for every character of a JSON text; SUPER keeps its meaning.
      json: 'text',
      login: () => Promise.resolve({ host: 'warehouse', port: 5439, user: 'dbt', password: 'secret' }),
    });
    return {
      warehouse,
      publish: bench.publish,
      reset: bench.reset,
      execute: (sql) =>
        bench.database.session(async (session) => {
          // Views in Redshift are made late-binding, as dbt makes them here: others hold a column fast.
          await session.run(sql.startsWith('CREATE VIEW') ? `${sql} WITH NO SCHEMA BINDING` : sql);
        }),
      end: async () => {
        await warehouse.close();
        await bench.stop();
      },
    };
  },
  missing,
);
